/**
 * Announced maintenance as a calendar (iCalendar, RFC 5545): only what the public page may show, each
 * window an event under an id that stays. Pure.
 */
import ical, { ICalCalendarMethod, ICalEventStatus } from "ical-generator";
import type { MaintenanceTimes } from "../db/maintenance-store.ts";
import type { NetworkStatus } from "../object/rpc.ts";
import { ENGLISH } from "../pages/language/languages.ts";
import { descriptionWords, publicMaintenances } from "../pages/view-model/maintenance.ts";
import { nameWords } from "../pages/view-model/words.ts";

/** What the calendar is made of. */
export interface CalendarFacts {
  status: NetworkStatus;
  /** How the page calls itself; null: nobody has named it. */
  name: string | null;
  /** Address of the status page, without a slash at its end. */
  pageUrl: string;
  /** By id; a window that is missing was announced when it began, as far as anybody knows. */
  times: ReadonlyMap<string, MaintenanceTimes>;
}

/** Renders the calendar. */
export function renderCalendar(facts: CalendarFacts): string {
  const { status, pageUrl, times } = facts;
  const title = "Announced maintenance";
  const calendar = ical({
    name: facts.name === null ? title : `${plain(nameWords(facts.name))}: ${title.toLowerCase()}`,
    prodId: { company: "Echoquorum", product: "Status page", language: "EN" },
    method: ICalCalendarMethod.PUBLISH,
    // Clients look again this often.
    ttl: 3_600,
  });
  const names = new Map(status.monitors.map(({ id, name }) => [id, nameWords(name)]));
  for (const window of publicMaintenances(status)) {
    const { id, description, startsAtMs, endsAtMs, monitors } = window;
    const known = times.get(id);
    const about = ENGLISH.list(monitors.map((monitor) => names.get(monitor) ?? monitor));
    const text = description === "" ? about : `${descriptionWords(description)}\n\n${about}`;
    calendar.createEvent({
      id: `maintenance-${id}@${new URL(pageUrl).hostname}`,
      start: new Date(startsAtMs),
      end: new Date(endsAtMs),
      stamp: new Date(known?.updatedAtMs ?? startsAtMs),
      summary: plain(nameWords(window.name)),
      description: plain(text),
      url: `${pageUrl}/#maintenance-${id}`,
      status: ICalEventStatus.CONFIRMED,
    });
  }
  return calendar.toString();
}

/** Text that UTF-8 can hold, without controls but line feeds (RFC 5545 §3.1). */
function plain(text: string): string {
  return text.toWellFormed().replaceAll(/(?!\n)\p{Cc}/gu, "");
}
