/**
 * Puts a backup in the place of everything that the object and D1 have.
 *
 * Its parts come one after the other. What belongs to the object is written into tables beside its
 * own at once, what belongs into D1 is staged; until all are there and sound nothing changes. From
 * then on the restore is a stored decision: it is carried out, some of it at a time, and again after
 * any crash, until it is done or given up. D1's history is written in portions, its configuration in
 * one transaction, and the object's tables change places in one that also ends the restore. Each may
 * be repeated, and none holds more than a portion. Of several coordinators each object reads the whole
 * file and takes its own rows; the first takes those for D1 too.
 *
 * Messages that were still to be sent are given up (`restore-alerts.ts`), so that a restore by itself
 * tells nobody anything. Channels lie open in a backup, and are sealed before they are stored.
 */
import type { BackupRow, ReadingState } from "../../../shared/backup-file.ts";
import { BackupError, BackupReader } from "../../../shared/backup-file.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { CONFIGURATION_TABLES, HISTORY_TABLES } from "../db/backup-store.ts";
import { CHANNELS_NAME } from "./backup-cut.ts";
import { removeGuard } from "./backup-guard.ts";
import type { ObjectDatabase } from "./database.ts";
import { loadPacked, savePacked } from "./database.ts";
import type { RestoreOrigin, RestoreStatus, RestoreStep, StoredRestore } from "./restore-state.ts";
import { settleCirculation } from "./circulation-state.ts";
import { giveUpDelivery, settleAlerts } from "./restore-alerts.ts";
import { RestoreParts } from "./restore-parts.ts";
import { hasOpenHeader, isOpenChannel, isOpenRow } from "./restore-secrets.ts";
import { RESTORE_BUSY, RESTORE_NAME } from "./restore-state.ts";
import {
  BesideWriter,
  channelsBeside,
  createBeside,
  dropBeside,
  hasBeside,
  moveIn,
  unknownTable,
} from "./restore-tables.ts";
import { STORAGE_VERSION } from "./storage-schema.ts";

/** Attempts to carry it out; at one per tick, half a minute of trouble with D1 and more. */
const FAILURES_MAX = 30;
/** Rows, and characters of their lines, handed over at once; one row always is. */
const PORTION_ROWS = 500;
const PORTION_CHARACTERS = 1_000_000;
/** After how long one is given up that nobody sends more of, in milliseconds: it holds secrets. */
export const ABANDONED_AFTER_MS = 86_400_000;
/** Why one that was begun does not fit any more. */
export const OTHER_RELEASE = "It was begun by another release: begin it again.";
const NO_KEY =
  "The backup has channels, and this network has no key to seal their secrets with: set" +
  " ECHOQUORUM_SEALING_KEY.";
const NO_HEADER_KEY =
  "The backup has headers of monitors, and this network, which seals them (SEAL_MONITORS), has no" +
  " key: set ECHOQUORUM_SEALING_KEY.";

type Row = BackupRow["row"];

/** A restore cannot be carried out, however often it is tried: it is given up at once. */
export class RestoreRefused extends Error {
  override readonly name = "RestoreRefused";
}

/** Where the rows that belong into D1 go, and what it takes to write channels. */
export interface RestoreTarget {
  /**
   * Makes sure, before anything is changed, that nothing stands in its way.
   *
   * @param migration D1's at its beginning; undefined: it is not known
   * @throws RestoreRefused when something does, for good
   */
  prepare(restore: string, migration: string | undefined): Promise<void>;
  /** Deletes some of what is to be replaced; resolves with whether nothing is left. */
  clear(): Promise<boolean>;
  saveHistory(table: string, rows: readonly Row[]): Promise<void>;
  /** Lays rows ready. */
  stageConfiguration(table: string, rows: readonly Row[]): Promise<void>;
  /**
   * Puts all that lies ready in its place, in one transaction; again for a restore: no more.
   *
   * @throws RestoreRefused when that will never be done
   */
  replaceConfiguration(restore: string): Promise<void>;
  /** A row of the configuration as it is stored here. */
  sealRow(entry: BackupRow): Promise<Row>;
  sealChannel(channel: StoredChannel): Promise<StoredChannel>;
  nowMs(): number;
}

/** A restore in the object's storage. */
export class Restore {
  readonly #database: ObjectDatabase;
  readonly #parts: RestoreParts;
  readonly #coordinator: number;
  /** Number of the attempt to carry it out; an older one that still waits for D1 may do no more. */
  #attempt = 0;

  /** @param coordinator whose object it is, counted from 0: the first restores D1's part too */
  constructor(database: ObjectDatabase, coordinator = 0) {
    this.#database = database;
    this.#coordinator = coordinator;
    this.#parts = new RestoreParts(database);
  }

  /** The present or last restore; null: there never was one. */
  status(): RestoreStatus | null {
    const stored = this.#load();
    return stored === null ? null : tell(stored);
  }

  /** Begins one, in the place of one that was not carried out. */
  begin(id: string, replace: boolean, origin: RestoreOrigin, nowMs: number): RestoreStep {
    if (this.#load()?.state === "committing") return { refused: RESTORE_BUSY };
    if (origin.storage !== STORAGE_VERSION) return { refused: OTHER_RELEASE };
    if (!replace && this.#hasHistory()) {
      return { refused: "This network has incidents or deliveries already." };
    }
    const begun: StoredRestore = {
      id,
      state: "staging",
      error: null,
      failures: 0,
      partsLeft: 0,
      part: 0,
      reading: new BackupReader().state,
      hasSecrets: false,
      hasOpenHeaders: false,
      origin,
      isBegun: false,
      isCleared: false,
      touchedAtMs: nowMs,
    };
    this.#database.transaction(() => {
      this.#parts.clear();
      createBeside(this.#database);
      savePacked(this.#database, RESTORE_NAME, begun);
    });
    return tell(begun);
  }

  /**
   * Takes the next part of the file in: whole lines. The part before it may come again, and is not
   * taken again; one that is refused has changed nothing and may be sent anew.
   */
  put(id: string, part: number, text: string, nowMs: number): RestoreStep {
    const stored = this.#expect(id, "staging");
    if ("refused" in stored) return stored;
    // The answer to it may have been lost.
    if (part === stored.part - 1) return tell(stored);
    if (part !== stored.part) {
      return { refused: `Part ${stored.part} is the next, not ${part}: they come in their order.` };
    }
    let after = stored;
    try {
      this.#database.transaction(() => {
        after = this.#take(stored, text, nowMs);
        savePacked(this.#database, RESTORE_NAME, after);
      });
    } catch (error) {
      return { refused: whyNot(error) };
    }
    return tell(after);
  }

  #take(stored: StoredRestore, text: string, nowMs: number): StoredRestore {
    const reader = new BackupReader(stored.reading);
    const beside = new BesideWriter(this.#database);
    const lines: string[] = [];
    let { hasSecrets, hasOpenHeaders = false } = stored;
    for (const line of text.replace(/\n$/, "").split("\n")) {
      const entry = reader.take(line);
      if (entry === null) continue;
      if (entry.in === "object") {
        if ((entry.coordinator ?? 0) === this.#coordinator) beside.write(entry);
      } else {
        const isKnown =
          Object.hasOwn(CONFIGURATION_TABLES, entry.table) ||
          Object.hasOwn(HISTORY_TABLES, entry.table);
        if (!isKnown) throw unknownTable();
        hasSecrets ||= isOpenRow(entry);
        hasOpenHeaders ||= hasOpenHeader(entry);
        if (this.#coordinator === 0) lines.push(line);
      }
    }
    if (lines.length > 0) this.#parts.save(stored.part, lines);
    return {
      ...stored,
      part: stored.part + 1,
      partsLeft: stored.partsLeft + Number(lines.length > 0),
      reading: reader.state,
      hasSecrets,
      hasOpenHeaders,
      touchedAtMs: nowMs,
    };
  }

  /**
   * Decides that it is carried out, if the file is whole, sound, and fits into the tables.
   *
   * @param canSeal whether this network has a key to seal with: without one it takes no channels
   * @param sealsMonitors whether it seals the headers of monitors
   */
  decide(id: string, canSeal: boolean, sealsMonitors = false): RestoreStep {
    const status = this.status();
    // The answer to the first decision may have been lost.
    if (status?.id === id && status.state !== "staging") return status;
    const staged = this.#expect(id, "staging");
    if ("refused" in staged) return staged;
    try {
      new BackupReader(staged.reading).finish();
      const channels = channelsBeside(this.#database) ?? [];
      const hasSecrets = staged.hasSecrets || channels.some(isOpenChannel);
      if (!canSeal && hasSecrets) return { refused: NO_KEY };
      const hasHeaders = sealsMonitors && staged.hasOpenHeaders === true;
      if (!canSeal && hasHeaders) return { refused: NO_HEADER_KEY };
    } catch (error) {
      return { refused: whyNot(error) };
    }
    const decided: StoredRestore = { ...staged, state: "committing" };
    this.#database.transaction(() => {
      // A backup that is being read could not have D1's part as it was any more.
      removeGuard(this.#database);
      savePacked(this.#database, RESTORE_NAME, decided);
    });
    return tell(decided);
  }

  /**
   * Carries it out, or some of it; rejects when D1 refuses, and may then be called again.
   *
   * @param isOver whether there is no time for more
   * @returns whether it is done
   */
  async perform(target: RestoreTarget, isOver: () => boolean = () => false): Promise<boolean> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const goOn = (): StoredRestore => {
      const stored = this.#load();
      if (attempt === this.#attempt && stored?.state === "committing") return stored;
      throw new Error("the restore goes on elsewhere");
    };
    try {
      return await this.#advance(target, goOn, isOver);
    } catch (error) {
      if (error instanceof RestoreRefused) this.#giveUp(goOn(), error.message);
      throw error;
    }
  }

  async #advance(
    target: RestoreTarget,
    goOn: () => StoredRestore,
    isOver: () => boolean,
  ): Promise<boolean> {
    const { id, isBegun, origin } = goOn();
    // Those of another release could not be brought up to date.
    if (!hasBeside(this.#database)) throw new RestoreRefused(OTHER_RELEASE);
    if (isBegun !== true) {
      await target.prepare(id, origin?.migration);
      this.#save({ ...goOn(), isBegun: true });
    }
    while (!goOn().isCleared) {
      const isCleared = await target.clear();
      this.#save({ ...goOn(), isCleared, failures: 0 });
      if (isOver()) return false;
    }
    for (let part = this.#parts.first(); part !== null; part = this.#parts.first()) {
      await this.#performPart(part, target, goOn);
      const { partsLeft, ...stored } = goOn();
      const written = part;
      this.#database.transaction(() => {
        this.#parts.drop(written);
        const after = { ...stored, partsLeft: partsLeft - 1, failures: 0 };
        savePacked(this.#database, RESTORE_NAME, after);
      });
      if (isOver()) return false;
    }
    await target.replaceConfiguration(id);
    const channels = channelsBeside(this.#database);
    const sealed =
      channels && (await Promise.all(channels.map((each) => target.sealChannel(each))));
    const stored = goOn();
    this.#database.transaction(() => this.#replaceTables(stored, sealed, target.nowMs()));
    return true;
  }

  /** Writes what a part has for D1. */
  async #performPart(part: number, target: RestoreTarget, goOn: () => unknown): Promise<void> {
    let [table, portion, room]: [string, Row[], number] = ["", [], PORTION_CHARACTERS];
    const flush = async () => {
      if (portion.length === 0) return;
      if (Object.hasOwn(CONFIGURATION_TABLES, table)) {
        const sealing = portion.map((row) => target.sealRow({ in: "d1", table, row }));
        await target.stageConfiguration(table, await Promise.all(sealing));
      } else await target.saveHistory(table, portion);
      goOn();
      [portion, room] = [[], PORTION_CHARACTERS];
    };
    for (const { entry, characters } of this.#parts.rows(part)) {
      if (entry.table !== table || portion.length >= PORTION_ROWS || room < characters) {
        await flush();
      }
      table = entry.table;
      room -= characters;
      portion.push(table === "deliveries" ? giveUpDelivery(entry.row) : entry.row);
    }
    await flush();
  }

  /** Notes that it could not be carried out now; after many times it is given up. */
  noteFailure(error: string): RestoreStatus | null {
    const stored = this.#load();
    if (stored?.state !== "committing") return this.status();
    const failures = stored.failures + 1;
    if (failures >= FAILURES_MAX) return tell(this.#giveUp({ ...stored, failures }, error));
    return tell(this.#save({ ...stored, failures, error }));
  }

  /** Forgets one that was begun long ago and never decided, and what is left of one given up. */
  dropAbandoned(nowMs: number): void {
    const stored = this.#load();
    if (stored?.state === "failed" && stored.isForgotten !== true) {
      this.#giveUp(stored, stored.error);
    }
    if (stored?.state !== "staging" || nowMs - stored.touchedAtMs < ABANDONED_AFTER_MS) return;
    this.#database.transaction(() => this.#forget(null));
  }

  /** Ends one for good: nothing goes on with what was staged, which holds secrets. */
  #giveUp(stored: StoredRestore, error: string | null): StoredRestore {
    const failed = { ...stored, state: "failed", error, partsLeft: 0, isForgotten: true } as const;
    this.#database.transaction(() => this.#forget(failed));
    return failed;
  }

  /** Drops what was staged; inside of a transaction. */
  #forget(after: StoredRestore | null): void {
    this.#parts.clear();
    dropBeside(this.#database);
    savePacked(this.#database, RESTORE_NAME, after);
  }

  #hasHistory(): boolean {
    return ["incidents", "deliveries"].some(
      (table) => this.#database.query(`SELECT 1 FROM ${table} LIMIT 1`).length > 0,
    );
  }

  #load(): StoredRestore | null {
    const packed = loadPacked(this.#database, RESTORE_NAME);
    const stored = (packed.get(RESTORE_NAME) as StoredRestore | undefined) ?? null;
    if (stored === null || !this.#isOutdated(stored)) return stored;
    return { ...stored, state: "failed", error: OTHER_RELEASE };
  }

  /**
   * Whether one was begun by a release that stored rows otherwise. One that has changed something
   * already is carried out all the same, for to stop would lose more: its tables were brought up to
   * date with the object's own. Of several coordinators the first decides, and the others follow it.
   */
  #isOutdated({ state, reading, origin, isBegun }: StoredRestore): boolean {
    // An older release staged its parts otherwise.
    if ((reading as ReadingState | undefined) === undefined) return state !== "done";
    if (state === "staging") return origin?.storage !== STORAGE_VERSION;
    const mayStop = state === "committing" && this.#coordinator === 0 && isBegun === false;
    return mayStop && origin?.storage !== STORAGE_VERSION;
  }

  #expect(id: string, state: RestoreStatus["state"]): StoredRestore | { refused: string } {
    const stored = this.#load();
    if (stored?.id === id && stored.state === state) return stored;
    return { refused: `There is no restore ${id} that is ${state}; another may have begun.` };
  }

  #save(stored: StoredRestore): StoredRestore {
    this.#database.transaction(() => savePacked(this.#database, RESTORE_NAME, stored));
    return stored;
  }

  /** Replaces the object's tables and ends the restore; inside of a transaction. */
  #replaceTables(
    stored: StoredRestore,
    channels: readonly StoredChannel[] | null,
    nowMs: number,
  ): void {
    const database = this.#database;
    moveIn(database);
    if (channels !== null) savePacked(database, CHANNELS_NAME, channels);
    settleAlerts(database, nowMs);
    settleCirculation(database);
    savePacked(database, RESTORE_NAME, { ...stored, state: "done", error: null });
  }
}

function tell({ id, state, error, failures, partsLeft = 0 }: StoredRestore): RestoreStatus {
  return { id, state, error, failures, partsLeft };
}

function whyNot(error: unknown): string {
  if (error instanceof BackupError) return error.message;
  if (/\bfull\b/i.test(String(error))) return "The coordinator's storage is full.";
  return "The backup's rows do not fit into this network's tables.";
}
