/**
 * What a page's picture says, made of what the page says: verdict, name, ninety days, uptime. In
 * English, because whoever links to a page shows it to people of all languages, and in letters that
 * can be drawn. Pure.
 */
import type { VerdictTimes } from "../../../../shared/monitor/uptime.ts";
import { NO_TIME, addTimes, observedMs, uptimeOf } from "../../../../shared/monitor/uptime.ts";
import type { NetworkStatus } from "../../object/rpc.ts";
import { letterable } from "../image/lettering.ts";
import { ENGLISH } from "../language/languages.ts";
import { fill } from "../language/words.ts";
import type { DayView } from "./history.ts";
import { HISTORY_DAYS, knownPeriod } from "./history.ts";
import type { StatusView } from "./status-view.ts";
import { renderStatus } from "./status-view.ts";
import type { Tone } from "./words.ts";

/** What the picture says. */
export interface CardView {
  name: string;
  tone: Tone;
  title: string;
  /** Null: the title says it all. */
  detail: string | null;
  /** E.g. `20 Nov, 14:05 UTC`; null: nothing is known. */
  moment: string | null;
  /** The worst of all monitors on each day, oldest first; empty: nothing is known. */
  days: Array<Pick<DayView, "tone" | "trouble">>;
  /** E.g. `99.98% uptime over 90 days`, or over as much of them as is known; null: nothing is. */
  uptime: string | null;
}

/** Worst first; what is not known is the mildest, since it says nothing. */
const SEVERITY: ReadonlyArray<DayView["tone"]> = [
  "down",
  "partial",
  "degraded",
  "maintenance",
  "operational",
  "unknown",
];

/** What every picture needs to know of its page. */
export interface CardSite {
  name: string;
  /** Of the page's address: stands for a name whose letters cannot be drawn. */
  host: string;
}

/** Renders what is said while a status is known. */
export function renderCard(
  status: NetworkStatus,
  { source, nowMs, site }: { source: StatusView["source"]; nowMs: number; site: CardSite },
): CardView {
  const view = renderStatus(status, { source, nowMs });
  const { tone, title, detail } = view.headline;
  const monitors = view.groups.flatMap((group) => group.monitors);
  return {
    name: nameOf(site),
    tone,
    title: letterable(title) ?? plainTitle(view),
    detail: detail && letterable(detail),
    moment: ENGLISH.moment(nowMs, "moment"),
    days: worstDays(monitors.map(({ history }) => history?.days ?? null)),
    uptime: uptimeWords(status, nowMs),
  };
}

/** What is said while nothing is known. */
export function renderUnknownCard(site: CardSite): CardView {
  const title = ENGLISH.t.notice.outage;
  return {
    name: nameOf(site),
    tone: "unknown",
    title,
    detail: null,
    moment: null,
    days: [],
    uptime: null,
  };
}

function nameOf({ name, host }: CardSite): string {
  return letterable(name) ?? letterable(host) ?? "";
}

/** The verdict without the name in it. */
function plainTitle({ headline: { tone }, groups }: StatusView): string {
  const all = groups.flatMap(({ monitors }) => monitors).filter((each) => each.tone !== "paused");
  const count = all.filter((monitor) => monitor.tone === tone).length;
  const t = ENGLISH.t.headline;
  if (tone === "operational" || tone === "paused") return t[tone];
  const message = count === all.length ? t[tone].all : t[tone].some;
  return ENGLISH.count(Math.max(1, count), message);
}

/** None where the days of a monitor are not given, as of large networks: they may be the worst. */
function worstDays(all: ReadonlyArray<readonly DayView[] | null>): CardView["days"] {
  const histories = all.flatMap((days) => (days === null ? [] : [days]));
  if (histories.length === 0 || histories.length < all.length) return [];
  return Array.from({ length: HISTORY_DAYS }, (_, index) => {
    const days = histories.flatMap((history) => history[index] ?? []);
    const tone = SEVERITY.find((each) => days.some((day) => day.tone === each)) ?? "unknown";
    const trouble = Math.max(0, ...days.flatMap((day) => (day.tone === tone ? day.trouble : [])));
    return { tone, trouble };
  });
}

/** Uptime of all monitors together, over what is known of the one that is known longest. */
function uptimeWords({ monitors }: NetworkStatus, nowMs: number): string | null {
  if (monitors.some(({ days }) => days === null)) return null;
  const each = monitors.map(({ days }) => (days ?? []).reduce<VerdictTimes>(addTimes, NO_TIME));
  const uptime = uptimeOf(each.reduce<VerdictTimes>(addTimes, NO_TIME));
  if (uptime === null) return null;
  const period = knownPeriod(Math.max(...each.map(observedMs)), nowMs, ENGLISH);
  return fill(ENGLISH.t.monitor.uptimeOver, { percent: ENGLISH.percent(uptime), period });
}
