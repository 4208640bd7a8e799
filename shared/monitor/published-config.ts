/**
 * The published configuration: validated, versioned, read by every probe once per run and what the
 * coordinator judges by. It never holds a channel or a page setting. Pure.
 *
 * In D1 it is one row while it is small. What does not fit follows in further rows, each a list of
 * more monitors. All are written in one transaction and read by one statement: never a mix.
 */
import { z } from "zod";
import { maintenanceSchema } from "./maintenance.ts";
import { monitorSchema } from "./monitor.ts";

/** Schema of the published configuration's body. */
export const publishedConfigSchema = z.strictObject({
  /** Grows by one with each change. */
  version: z.int().min(0),
  /** Active regions in the order in which they are staggered. */
  regions: z.array(z.string()),
  /** Interval of monitors that set none, in milliseconds. */
  defaultIntervalMs: z.int().min(100),
  monitors: z.array(monitorSchema),
  /** Windows that are not long over, by their start; absent where there are none. */
  maintenances: z.array(maintenanceSchema).optional(),
});

/** The configuration that probes and coordinator share. */
export type PublishedConfig = z.output<typeof publishedConfigSchema>;

/**
 * Reads all rows of the published configuration; without their bodies where version and moment of
 * publication are those that the reader has already. Parameters: that version, that moment.
 */
export const READ_PUBLISHED_SQL = `
  SELECT version, published_at_ms, log_form,
    iif(version = ?1 AND published_at_ms = ?2, NULL, body) AS body
  FROM published_config ORDER BY id`;

/** A row of the published configuration, spelled as in SQL. */
export interface PublishedRow {
  version: number;
  published_at_ms: number;
  /** Newest {@link RunForm} that the coordinator reads; null: it is of a release that knew one. */
  log_form?: number | null;
  /** Of the first row the configuration, of the others a list of more monitors; null: not read. */
  body: string | null;
}

/**
 * Joins the rows' bodies to the configuration, which is still to be validated.
 *
 * @throws SyntaxError when one is damaged
 */
export function joinPublished(rows: readonly PublishedRow[]): unknown {
  const [first, ...others] = rows.map(({ body }) => JSON.parse(body ?? "null") as unknown);
  if (others.length === 0 || typeof first !== "object" || first === null) return first;
  const { monitors } = first as { monitors?: unknown };
  return { ...first, monitors: [monitors, ...others].flat() };
}
