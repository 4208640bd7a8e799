/**
 * `/widget.js`: the status in a line for any page, by one script tag. It sets no cookie, keeps
 * nothing, and styles itself within a shadow root by a constructed sheet, which a page's
 * Content-Security-Policy for inline styles does not concern; `connect-src` must allow this host.
 */
import { cors } from "hono/cors";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";

/** How long browsers may keep the script, in seconds. */
const FRESH_SECONDS = 3_600;

/**
 * Attributes of the tag: `data-monitor` (an id; absent: the whole), `data-label` (stands
 * for the monitor's name), `data-every`
 * (seconds between two looks, 30 at least).
 */
const SCRIPT = `(() => {
  "use strict";
  const script = document.currentScript;
  if (!script) return;
  const origin = new URL(script.src).origin;
  const { monitor, label, every } = script.dataset;
  const colours = {
    operational: "#1a9a52", degraded: "#c98a00", partial: "#d9680d", down: "#cf2b2b",
    maintenance: "#2f6fdb", unknown: "#7a828c", paused: "#7a828c",
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ":host{display:inline-block}" +
    "a{display:inline-flex;gap:.5em;align-items:center;font:inherit;color:inherit;text-decoration:none;" +
    "max-width:100%}" +
    "a:hover span,a:focus-visible span{text-decoration:underline}" +
    "span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}" +
    "svg{flex:none;width:.75em;height:.75em}",
  );
  const host = document.createElement("echoquorum-status");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const link = document.createElement("a");
  link.href = origin + (monitor ? "/monitors/" + encodeURIComponent(monitor) : "/");
  link.rel = "noopener";
  const space = "http://www.w3.org/2000/svg";
  const dot = document.createElementNS(space, "svg");
  dot.setAttribute("viewBox", "0 0 8 8");
  dot.setAttribute("aria-hidden", "true");
  const circle = document.createElementNS(space, "circle");
  for (const name of ["cx", "cy", "r"]) circle.setAttribute(name, "4");
  dot.append(circle);
  const words = document.createElement("span");
  words.dir = "auto";
  words.setAttribute("role", "status");
  link.append(dot, words);
  root.append(link);
  script.after(host);
  const show = (tone, text, name) => {
    circle.setAttribute("fill", colours[tone] || colours.unknown);
    const named = label || name;
    words.textContent = named ? named + ": " + text : text;
    host.dataset.status = tone;
  };
  const look = async () => {
    try {
      const answer = await fetch(origin + "/api/v1/status", { credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const status = await answer.json();
      const found = monitor && status.monitors.find(({ id }) => id === monitor);
      if (monitor && !found) show("unknown", "Status not known");
      else if (found) show(found.status, found.label, found.name);
      else show(status.status, status.title);
    } catch {
      show("unknown", "Status not known");
    }
  };
  show("unknown", "…");
  look();
  setInterval(() => document.hidden || look(), 1000 * Math.max(30, Number(every) || 60));
})();
`;

/** The route of the widget, to be mounted at the root. */
export function widgetRoutes(): Router {
  const router = createRouter();
  router.use("/widget.js", cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
  router.get("/widget.js", (context) =>
    context.body(SCRIPT, 200, {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": `public, max-age=${FRESH_SECONDS}`,
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
    }),
  );
  return router;
}
