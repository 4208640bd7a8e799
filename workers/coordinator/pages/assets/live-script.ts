/**
 * The one script of the public pages. Without it everything is there; with it times are in the
 * visitor's zone, ages grow, the page renews itself, and the bars tell their days one by one.
 *
 * It fetches the page it is on and replaces the blocks (`data-live`) that changed, so that what is
 * open, focused or selected stays so. When no answer comes, it says that the page is old. It sets
 * no inline style attribute and writes no markup of its own.
 */
export const LIVE_SCRIPT = String.raw`"use strict";
(() => {
  const { refreshMs: everyMs, locale, words } = document.currentScript.dataset;
  const refreshMs = Number(everyMs);
  const t = JSON.parse(words);
  const original = new Map();
  let clockOffsetMs = 0;
  let failures = 0;

  // The server's clock counts where the visitor's is off by more than a request may take.
  const nowMs = () => Date.now() + clockOffsetMs;
  const setClock = (serverMs) => {
    const offsetMs = serverMs - Date.now();
    clockOffsetMs = Math.abs(offsetMs) > 5000 ? offsetMs : 0;
  };
  const servedMs = (page) => Number(page.querySelector("[data-now-ms]")?.dataset.nowMs) || Date.now();
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const put = (message, n) => message.replace("{n}", numbers.format(n));
  const ageWords = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    const days = (n) => put(t.day[rules.select(n)] || t.day.other, n);
    const two = (big, bigWords, small, unit) => {
      const rest = Math.floor((s % big) / small);
      return bigWords(Math.floor(s / big)) + (rest ? " " + put(unit, rest) : "");
    };
    const duration = s < 60 ? put(t.s, s)
      : s < 3600 ? put(t.min, Math.floor(s / 60))
      : s < 86400 ? two(3600, (n) => put(t.h, n), 60, t.min)
      : two(86400, days, 3600, t.h);
    return t.ago.replace("{duration}", duration);
  };

  const formats = {
    clock: { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
    moment: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
      timeZoneName: "short" },
    instant: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
      second: "2-digit", timeZoneName: "short" },
  };
  for (const style of Object.keys(formats)) {
    formats[style] = new Intl.DateTimeFormat(locale, {
      hourCycle: "h23", ...formats[style],
    });
  }
  const localise = (scope) => {
    for (const time of scope.querySelectorAll("time[data-style]")) {
      const at = new Date(time.dateTime);
      const format = formats[time.dataset.style];
      if (format) time.textContent = format.format(at);
      time.title = at.toUTCString();
    }
  };
  const tick = () => {
    for (const time of document.querySelectorAll('time[data-style="age"]')) {
      const words = ageWords(nowMs() - Date.parse(time.dateTime));
      if (time.textContent !== words) time.textContent = words;
    }
    const headline = document.getElementById("headline");
    const staleMs = Number(headline?.dataset.staleMs);
    if (staleMs && nowMs() > staleMs) doubt(t.grewOld);
    else if (failures > 2) doubt(t.cannotRenew);
  };
  const doubt = (title) => {
    const headline = document.getElementById("headline");
    if (!headline || headline.classList.contains("tone-unknown")) return;
    headline.className = "headline tone-unknown";
    headline.querySelector("use").setAttribute("href", "#i-unknown");
    headline.querySelector("h1").textContent = title;
    announce(title);
  };
  const announce = (text) => {
    document.getElementById("announcement").textContent = text;
  };

  const blocks = (scope) => [...scope.querySelectorAll("[data-live]")];
  const remember = (scope) => {
    for (const block of blocks(scope)) original.set(block.id, block.outerHTML);
  };
  const prepare = (scope) => {
    localise(scope);
    for (const bar of scope.querySelectorAll("[data-bar]")) equip(bar);
  };
  const renew = (next) => {
    const heading = next.querySelector("h1").textContent;
    const changed = next.title !== document.title;
    const fresh = blocks(next);
    const same = fresh.map((b) => b.id).join() === blocks(document).map((b) => b.id).join();
    const html = new Map(fresh.map((block) => [block.id, block.outerHTML]));
    const pairs = same
      ? fresh.filter((b) => original.get(b.id) !== html.get(b.id))
          .map((b) => [document.getElementById(b.id), b])
      : [[document.querySelector("main"), next.querySelector("main")]];
    const open = [...document.querySelectorAll("details[open]")].map((element) => element.id);
    const focused = document.activeElement;
    const focus = focusKey(focused);
    for (const [old, block] of pairs) old.replaceWith(document.adoptNode(block));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [, block] of pairs) prepare(block);
    original.clear();
    for (const [id, text] of html) original.set(id, text);
    if (!focused.isConnected) findFocus(focus)?.focus({ preventScroll: true });
    document.title = next.title;
    const icon = next.querySelector('link[rel="icon"]');
    document.querySelector('link[rel="icon"]').href = icon.getAttribute("href");
    if (changed) announce(heading);
    tick();
  };
  // What has the focus: an element with an id, or the nth link or summary of a block.
  const focusKey = (element) => {
    if (element.id) return { id: element.id };
    const block = element.closest("[id]");
    if (!block) return null;
    const index = [...block.querySelectorAll("a, summary")].indexOf(element);
    return { id: block.id, index };
  };
  const findFocus = (key) => {
    const element = key && document.getElementById(key.id);
    return key?.index === undefined ? element : element?.querySelectorAll("a, summary")[key.index];
  };

  const refresh = async () => {
    if (document.hidden || String(getSelection()) !== "") return;
    let next;
    try {
      const response = await fetch(location.href, {
        cache: "no-cache", signal: AbortSignal.timeout(8000),
      });
      next = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!next.querySelector("main")) throw new Error("not a status page");
      setClock(Date.parse(response.headers.get("date")) || servedMs(next));
    } catch {
      failures += 1;
      return;
    }
    failures = 0;
    renew(next);
  };

  // Bars: one tab stop each, arrows walk through the days, pointers show the day under them.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const hide = () => {
    tip.hidden = true;
    for (const at of document.querySelectorAll(".day.at")) at.classList.remove("at");
  };
  const show = (bar, day, words) => {
    hide();
    day.classList.add("at");
    tip.textContent = words;
    tip.hidden = false;
    const box = day.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const left = box.left + box.width / 2 - tip.offsetWidth / 2;
    tip.style.left = Math.max(8, Math.min(left, width - tip.offsetWidth - 8)) + scrollX + "px";
    tip.style.top = box.top + scrollY - tip.offsetHeight - 8 + "px";
  };
  const equip = (bar) => {
    const days = [...bar.querySelectorAll(".day")];
    if (days.length === 0) return;
    const words = new Map();
    for (const day of days) {
      const title = day.querySelector("title");
      words.set(day, title.textContent);
      title.remove();
      day.addEventListener("pointerenter", () => show(bar, day, words.get(day)));
      day.addEventListener("pointerleave", hide);
    }
    let at = days.length - 1;
    const summary = bar.getAttribute("aria-label");
    const say = () => {
      bar.setAttribute("aria-valuenow", String(at + 1));
      bar.setAttribute("aria-valuetext", words.get(days[at]));
    };
    bar.setAttribute("role", "slider");
    bar.setAttribute("tabindex", "0");
    bar.setAttribute("aria-valuemin", "1");
    bar.setAttribute("aria-valuemax", String(days.length));
    bar.setAttribute("aria-label", summary);
    say();
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1,
      PageDown: -7, PageUp: 7, Home: -Infinity, End: Infinity };
    bar.addEventListener("focus", () => show(bar, days[at], words.get(days[at])));
    bar.addEventListener("blur", hide);
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return hide();
      const turned = getComputedStyle(bar).direction === "rtl" && /^Arrow[LR]/.test(event.key);
      const step = turned ? -steps[event.key] : steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      at = Math.max(0, Math.min(days.length - 1, at + step));
      say();
      show(bar, days[at], words.get(days[at]));
    });
  };

  // Events say that something has changed; looking now and then goes on without them.
  let events = null;
  const listen = () => {
    if (document.hidden) {
      events?.close();
      events = null;
    } else if (!events && window.EventSource) {
      events = new EventSource("/live");
      events.addEventListener("changed", () => {
        refresh();
        // Another server may still have had the page as it was.
        setTimeout(refresh, 12000);
      });
    }
  };

  setClock(servedMs(document));
  remember(document);
  prepare(document);
  tick();
  setInterval(tick, 1000);
  if (refreshMs > 0) {
    setInterval(refresh, refreshMs);
    document.addEventListener("visibilitychange", refresh);
    addEventListener("online", refresh);
    setTimeout(() => {
      listen();
      document.addEventListener("visibilitychange", listen);
    }, 5000);
    // The page came from a cache, or the visitor's clock is off: look at once to know which.
    if (clockOffsetMs !== 0) refresh();
  }
})();
`;
