/**
 * The log of bulletins and how far each subscriber has heard: the working copy, what a step changes of
 * it, and its two tables. A step adds a row per piece of news, whoever hears it; a message that arrived
 * changes one.
 */
import type { Bulletin } from "../../../shared/alert/bulletin.ts";
import type { Subscriber } from "../../../shared/alert/subscriber.ts";
import type { ObjectDatabase } from "./database.ts";
import { takeOver } from "./overlay.ts";

/** How long bulletins are kept, in milliseconds: twice as long as one is tried. */
export const BULLETINS_KEPT_MS = 48 * 3_600_000;
/** Most bulletins that are kept; the oldest go first. */
export const BULLETINS_MAX = 1_000;

/** The working copy. */
export interface Circulation {
  /** In their order. */
  bulletins: Bulletin[];
  subscribers: Map<string, Subscriber>;
}

/** What a step changes of it. */
export interface CirculationChanges {
  bulletins: Bulletin[];
  /** Places of those that are forgotten. */
  forgotten: number[];
  /** By id; null: the subscription has ended. */
  subscribers: Map<string, Subscriber | null>;
}

/** Nothing was ever told. */
export function emptyCirculation(): Circulation {
  return { bulletins: [], subscribers: new Map() };
}

/** One step's view of it. */
export class CirculationDraft {
  readonly #state: Circulation;
  changes: CirculationChanges | null = null;

  constructor(state: Circulation) {
    this.#state = state;
  }

  #change(): CirculationChanges {
    this.changes ??= { bulletins: [], forgotten: [], subscribers: new Map() };
    return this.changes;
  }

  /** The newest about a subject; null: nothing was said of it. */
  latestAbout(subject: string): Bulletin | null {
    const isAbout = (bulletin: Bulletin) => bulletin.subject === subject;
    const added = this.changes?.bulletins.findLast(isAbout);
    return added ?? this.#state.bulletins.findLast(isAbout) ?? null;
  }

  /** Adds a piece of news, unless it is there already. */
  add(bulletin: Omit<Bulletin, "sequence">): void {
    const known = [...this.#state.bulletins, ...(this.changes?.bulletins ?? [])];
    if (known.some(({ id }) => id === bulletin.id)) return;
    const sequence = (known.at(-1)?.sequence ?? 0) + 1;
    this.#change().bulletins.push({ ...bulletin, sequence });
  }

  saveSubscriber(subscriber: Subscriber): void {
    this.#change().subscribers.set(subscriber.id, subscriber);
  }

  forgetSubscriber(id: string): void {
    this.#change().subscribers.set(id, null);
  }

  /** Forgets what is too old, but for the newest and for what is last known of an open incident. */
  forgetOld(nowMs: number): void {
    const { bulletins } = this.#state;
    const last = new Map(bulletins.map(({ subject, sequence }) => [subject, sequence]));
    const beyond = bulletins.length - BULLETINS_MAX;
    const old = bulletins.filter(({ sequence, subject, createdAtMs, news }, index) => {
      if (index === bulletins.length - 1) return false;
      if (index >= beyond && nowMs - createdAtMs < BULLETINS_KEPT_MS) return false;
      const isOpen = news.kind === "incident" && news.event !== "ended";
      return !(isOpen && last.get(subject) === sequence);
    });
    if (old.length > 0) this.#change().forgotten.push(...old.map(({ sequence }) => sequence));
  }
}

/** Takes what was committed over into the working copy. */
export function applyCirculation(state: Circulation, changes: CirculationChanges | null): void {
  if (changes === null) return;
  const forgotten = new Set(changes.forgotten);
  const kept = state.bulletins.filter(({ sequence }) => !forgotten.has(sequence));
  state.bulletins = [...kept, ...changes.bulletins];
  takeOver(state.subscribers, changes.subscribers);
}

/** Loads the working copy. */
export function loadCirculation(database: ObjectDatabase): Circulation {
  const bulletins = database
    .query("SELECT body FROM bulletins ORDER BY sequence")
    .map(({ body }) => JSON.parse(String(body)) as Bulletin);
  const subscribers = database
    .query("SELECT body FROM subscribers ORDER BY id")
    .map(({ body }) => JSON.parse(String(body)) as Subscriber);
  return { bulletins, subscribers: new Map(subscribers.map((each) => [each.id, each])) };
}

/** Writes what a step changed; inside of a transaction. */
export function saveCirculation(
  database: ObjectDatabase,
  changes: CirculationChanges | null,
): void {
  if (changes === null) return;
  for (const bulletin of changes.bulletins) {
    const body = JSON.stringify(bulletin);
    database.query("INSERT INTO bulletins (sequence, body) VALUES (?, ?)", bulletin.sequence, body);
  }
  for (const sequence of changes.forgotten) {
    database.query("DELETE FROM bulletins WHERE sequence = ?", sequence);
  }
  for (const [id, subscriber] of changes.subscribers) {
    if (subscriber === null) database.query("DELETE FROM subscribers WHERE id = ?", id);
    else {
      database.query(
        `INSERT INTO subscribers (id, body) VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        id,
        JSON.stringify(subscriber),
      );
    }
  }
}

/** After a restore nobody hears what was new at the backup; inside of a transaction. */
export function settleCirculation(database: ObjectDatabase): void {
  database.query(
    `UPDATE subscribers SET body = json_set(
       body, '$.toldTo', (SELECT coalesce(max(sequence), 0) FROM bulletins),
       '$.tellingTo', NULL, '$.attempts', 0, '$.firstTriedAtMs', NULL)`,
  );
}
