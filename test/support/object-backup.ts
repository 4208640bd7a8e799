/** The object's part of a backup, read page by page as the API does. */
import { BackupWriter } from "../../shared/backup-file.ts";
import { BackupCut, channelsPage } from "../../workers/coordinator/object/backup-cut.ts";
import type { ObjectDatabase } from "../../workers/coordinator/object/database.ts";
import { STORAGE_VERSION } from "../../workers/coordinator/object/storage-schema.ts";

/** What a file here was written for. */
export const ORIGIN = { migration: "0000_network.sql", storage: STORAGE_VERSION };

/** Pages of lines of a backup that is opened here, or is open already. */
export function* backupPages(
  database: ObjectDatabase,
  nowMs = 0,
  opened: string | null = null,
): Generator<string[]> {
  const id = opened ?? "all";
  if (opened === null) new BackupCut(database).open(id, nowMs);
  let after: string | null = null;
  do {
    // As in a life of its own for each page.
    const page = new BackupCut(database).page(id, after, nowMs);
    if (page === null) throw new Error("the backup is not open any more");
    yield page.lines;
    after = page.next;
  } while (after !== null);
  const channels = new BackupCut(database).channels();
  if (channels !== null) yield channelsPage(channels, 0);
  new BackupCut(database).close(id);
}

/** A whole file without any rows of D1, in the pieces in which it is written. */
export function backupFile(database: ObjectDatabase): string[] {
  const writer = new BackupWriter();
  const facts = {
    release: "1",
    createdAt: "2026-11-20",
    ...ORIGIN,
  };
  const header = writer.header(facts);
  const rows = [...backupPages(database)].map((lines) => writer.rows(lines));
  return [header, ...rows, writer.end()];
}
