/**
 * News in the words of one subscriber: in their language, and no more than their page shows. What the
 * page hides (other monitors, regions, reasons) is left out here, whatever a bulletin holds. Pure.
 */
import type {
  Bulletin,
  IncidentNews,
  MaintenanceNews,
  WrittenNews,
} from "../../../shared/alert/bulletin.ts";
import { concerns } from "../../../shared/alert/bulletin.ts";
import type { PageScope } from "../page-settings/page-status.ts";
import { pageMonitors } from "../page-settings/page-status.ts";
import { wordsOf } from "../pages/language/languages.ts";
import type { Words } from "../pages/language/words.ts";
import { fill } from "../pages/language/words.ts";
import { descriptionWords } from "../pages/view-model/maintenance.ts";
import { markdownWords } from "../pages/view-model/markdown.ts";
import { siteOf } from "./invitation.ts";
import type { MessageEntry, SubscriberMessage } from "./message.ts";
import type { Subscription } from "./subscription.ts";
import { linkOf } from "./token.ts";

/** Longest text of people in a message, in characters; the page has all of it. */
const TEXT_MAX = 2_000;
/** Services that are named one by one. */
const NAMED_MAX = 8;

type Subject = Pick<Subscription, "id" | "language" | "monitors" | "target">;

/** What a bulletin tells on one page. */
interface Shown {
  bulletin: Bulletin;
  /** Names of the page's monitors that it is about; null: everything. */
  services: string[] | null;
}

/**
 * Renders what a subscriber is told of some news.
 *
 * @param bulletins in their order, at least one
 * @returns null: their page shows nothing of it
 */
export function renderNotice(
  subject: Subject,
  bulletins: readonly Bulletin[],
  scope: PageScope,
): SubscriberMessage | null {
  const { id, language, monitors, target } = subject;
  const words = wordsOf(language);
  const t = words.t.subscribe;
  const shown = bulletins
    .filter((bulletin) => concerns(bulletin, monitors))
    .flatMap((bulletin) => showOn(bulletin, scope, words) ?? []);
  const last = shown.at(-1)?.bulletin;
  if (last === undefined) return null;
  const site = siteOf(target.pageUrl);
  const entries = shown.map((each) => renderEntry(each, scope, target.pageUrl, words));
  const told =
    entries.length === 1 ? (entries[0]?.title ?? "") : words.count(entries.length, t.news.several);
  const manage = linkOf("manage", id, target);
  const unsubscribe = linkOf("unsubscribe", id, target);
  return {
    id: `${id}.${last.id}`,
    title: `${told} · ${site}`,
    entries,
    action: null,
    why: fill(t.mail.why, { site }),
    links: [
      { label: site, href: `${target.pageUrl}/` },
      { label: t.mail.manage, href: manage },
      { label: t.unsubscribe, href: unsubscribe },
    ],
    unsubscribe,
    payload: {
      type: "status.updated",
      timestamp: new Date(last.createdAtMs).toISOString(),
      data: {
        page: `${target.pageUrl}/`,
        events: shown.map((each, index) => renderEvent(each, scope, entries[index])),
        manage,
        unsubscribe,
      },
    },
    words,
  };
}

/** What of a bulletin belongs to a page; null: nothing. */
function showOn(bulletin: Bulletin, scope: PageScope, words: Words): Shown | null {
  if (bulletin.monitors === null) return { bulletin, services: null };
  const named = bulletin.monitors.map((monitor) => ({ ...monitor, public: true }));
  const monitors = pageMonitors(named, scope);
  if (monitors.length === 0) return null;
  return {
    bulletin: { ...bulletin, monitors },
    services: monitors.map(({ name }) => words.name(name)),
  };
}

function renderEntry(
  { bulletin, services }: Shown,
  scope: PageScope,
  pageUrl: string,
  words: Words,
): MessageEntry {
  const { subject, news } = bulletin;
  switch (news.kind) {
    case "incident":
      return {
        ...incidentEntry(news, services, scope, words),
        link: `${pageUrl}/incidents/${subject}`,
      };
    case "written":
      return { ...writtenEntry(news, words), link: `${pageUrl}/incidents/${subject}` };
    case "maintenance":
      return { ...maintenanceEntry(news, services, words), link: `${pageUrl}/` };
  }
}

type Told = Omit<MessageEntry, "link">;

function incidentEntry(
  news: IncidentNews,
  services: string[] | null,
  { details }: PageScope,
  words: Words,
): Told {
  const { impact, flapping, reason, regions, startedAtMs, endedAtMs } = news;
  const { subscribe: t, incident, monitor } = words.t;
  const [name = ""] = services ?? [];
  const state = flapping ? "flapping" : impact;
  const moment = (atMs: number) => words.moment(atMs, "instant");
  const cause = details.reasons ? words.reason(reason) : null;
  const places = details.regions ? regions.map((region) => words.place(region)) : [];
  const seen = places.length === 0 ? [] : [fill(t.news.regions, { places: words.list(places) })];
  if (endedAtMs === null) {
    const since = fill(monitor.since, { moment: moment(startedAtMs) });
    return {
      title: fill(incident.present[state], { name }),
      tone: impact,
      paragraphs: [...(cause === null ? [] : [cause]), since, ...seen],
    };
  }
  const span = {
    from: moment(startedAtMs),
    to: moment(endedAtMs),
    duration: words.duration(endedAtMs - startedAtMs),
  };
  return {
    title: fill(t.news.resolved, { title: fill(incident.past[state], { name }) }),
    tone: "operational",
    paragraphs: [fill(t.news.fromTo, span), ...seen],
  };
}

function writtenEntry({ event, title, status, text }: WrittenNews, words: Words): Told {
  const name = words.name(title);
  const plain = markdownWords(text);
  return {
    title:
      event === "postmortem"
        ? fill(words.t.subscribe.news.postmortem, { title: name })
        : `${words.t.written[status]}: ${name}`,
    tone: status === "resolved" ? "operational" : "degraded",
    paragraphs: [plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX)}…` : plain],
  };
}

function maintenanceEntry(news: MaintenanceNews, services: string[] | null, words: Words): Told {
  const { event, name, description, startsAtMs, endsAtMs } = news;
  const { news: t } = words.t.subscribe;
  const { fromTo, all, services: count } = words.t.maintenance;
  const about =
    services === null
      ? all
      : services.length > NAMED_MAX
        ? words.count(services.length, count)
        : words.list(services);
  const moment = (atMs: number) => words.moment(atMs, "moment");
  return {
    title: fill(t[event], { title: words.name(name) }),
    tone: "maintenance",
    paragraphs: [
      fill(fromTo, { from: moment(startsAtMs), to: moment(endsAtMs) }),
      fill(t.about, { services: about }),
      ...(description === "" ? [] : [descriptionWords(description)]),
    ],
  };
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** The same for programs, in fields. */
function renderEvent(
  { bulletin }: Shown,
  { details }: PageScope,
  entry: MessageEntry | undefined,
): object {
  const { id, subject, monitors, createdAtMs, news } = bulletin;
  const common = {
    id,
    subject,
    kind: news.kind,
    event: news.event,
    title: entry?.title,
    text: entry?.paragraphs.join("\n"),
    link: entry?.link,
    monitors: monitors?.map(({ id: monitor, name }) => ({ id: monitor, name })) ?? null,
    at: new Date(createdAtMs).toISOString(),
  };
  switch (news.kind) {
    case "incident":
      return {
        ...common,
        impact: news.impact,
        reason: details.reasons ? news.reason : null,
        regions: details.regions ? news.regions : [],
        startedAt: iso(news.startedAtMs),
        endedAt: iso(news.endedAtMs),
      };
    case "written":
      return { ...common, status: news.status };
    case "maintenance":
      return { ...common, startsAt: iso(news.startsAtMs), endsAt: iso(news.endsAtMs) };
  }
}
