/**
 * What happened, as feeds tell it: incidents found and written, newest first, in the words of the
 * public pages. Pure.
 */
import { Feed } from "feed";
import type { NetworkStatus } from "../object/rpc.ts";
import { ENGLISH } from "../pages/language/languages.ts";
import type { IncidentView } from "../pages/view-model/incident.ts";
import { renderStatus } from "../pages/view-model/status-view.ts";
import { nameWords } from "../pages/view-model/words.ts";
import type { WrittenIncidentView } from "../pages/view-model/written-incident.ts";

/** Entries of a feed: what a reader may have missed. */
const ENTRIES_MAX = 50;

/** Formats of a feed. */
export type FeedFormat = "rss" | "atom" | "json";

/** What a feed is made of. */
export interface FeedFacts {
  status: NetworkStatus;
  source: "live" | "snapshot";
  /** How the page calls itself; null: nobody has named it. */
  name: string | null;
  /** Address of the status page, without a slash at its end. */
  pageUrl: string;
  nowMs: number;
}

interface Entry {
  url: string;
  title: string;
  startedAtMs: number;
  changedAtMs: number;
  /** Markup. */
  content: string;
  summary: string;
}

/** Renders a feed. */
export function renderFeed(facts: FeedFacts, format: FeedFormat): string {
  const { pageUrl } = facts;
  const entries = renderEntries(facts);
  const changedAtMs = Math.max(0, ...entries.map((entry) => entry.changedAtMs));
  const feed = new Feed({
    id: `${pageUrl}/`,
    link: `${pageUrl}/`,
    title: facts.name === null ? "Service status" : wellFormed(nameWords(facts.name)),
    description: "Incidents, found by checks from several regions and told by people.",
    language: "en",
    generator: "Echoquorum",
    // Not the present moment: a feed in which nothing has changed stays the same to the byte.
    updated: new Date(changedAtMs),
    feedLinks: {
      rss: `${pageUrl}/feed.rss`,
      atom: `${pageUrl}/feed.atom`,
      json: `${pageUrl}/feed.json`,
    },
  });
  for (const entry of entries) {
    const title = wellFormed(entry.title);
    feed.addItem({
      id: entry.url,
      link: entry.url,
      // Atom's titles are markup, those of the others are not.
      title: format === "atom" ? escapeMarkup(title) : title,
      description: escapeMarkup(wellFormed(entry.summary)),
      content: wellFormed(entry.content),
      date: new Date(entry.changedAtMs),
      published: new Date(entry.startedAtMs),
    });
  }
  return { rss: () => feed.rss2(), atom: () => feed.atom1(), json: () => feed.json1() }[format]();
}

function renderEntries({ status, source, pageUrl, nowMs }: FeedFacts): Entry[] {
  const view = renderStatus(status, { source, nowMs });
  const past = view.pastDays;
  const found = [...view.openIncidents, ...past.flatMap(({ incidents }) => incidents)];
  const written = [...view.openWritten, ...past.flatMap((day) => day.written)];
  return [
    ...found.map((incident) => renderFound(incident, pageUrl)),
    ...written.map((each) => renderWritten(each, pageUrl)),
  ]
    .sort((a, b) => b.startedAtMs - a.startedAtMs || (a.url < b.url ? -1 : 1))
    .slice(0, ENTRIES_MAX);
}

function renderFound(incident: IncidentView, pageUrl: string): Entry {
  const steps = incident.timeline.toReversed().map(({ atMs, title, evidence, markup }) => {
    const sentence = evidence === null ? "" : `<p>${escapeMarkup(evidence.sentence)}</p>`;
    return `<li>${stamp(atMs, title)}${markup ?? sentence}</li>`;
  });
  const cause = incident.cause === null ? "" : `<p>${escapeMarkup(incident.cause)}</p>`;
  return {
    url: `${pageUrl}/incidents/${incident.id}`,
    title: incident.title,
    startedAtMs: incident.startedAtMs,
    changedAtMs: Math.max(incident.startedAtMs, ...incident.timeline.map(({ atMs }) => atMs)),
    content: `${cause}<ul>${steps.join("")}</ul>`,
    summary: incident.cause ?? incident.title,
  };
}

function renderWritten(written: WrittenIncidentView, pageUrl: string): Entry {
  const steps = written.updates.map(({ atMs, title, markup }) => {
    return `<li>${stamp(atMs, title)}${markup}</li>`;
  });
  const { postmortem } = written;
  const after = postmortem === null ? "" : `<h2>Postmortem</h2>${postmortem.markup}`;
  const atMs = written.updates.map((update) => update.atMs);
  return {
    url: `${pageUrl}/incidents/written/${written.id}`,
    title: written.title,
    startedAtMs: written.startedAtMs,
    changedAtMs: Math.max(written.startedAtMs, postmortem?.atMs ?? 0, ...atMs),
    content: `<ul>${steps.join("")}</ul>${after}`,
    summary: `${written.label}: ${written.title}`,
  };
}

function stamp(atMs: number, title: string): string {
  return `<p><strong>${escapeMarkup(title)}</strong> ${ENGLISH.moment(atMs, "moment")}</p>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands in markup. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** Text without what XML 1.0 cannot hold (§2.2): controls, halves of characters, two noncharacters. */
function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, "");
}
