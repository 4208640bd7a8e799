/**
 * Which coordinator judges which monitor, in D1, and the configuration as one of several coordinators
 * has it: with its own monitors only, cut in D1, because all of them may be more than an object can
 * hold. What is chosen for a new monitor is decided in `shared/monitor/placement.ts`.
 */
import type { Monitor, RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { CoordinatorLoad } from "../../../shared/monitor/placement.ts";
import { choosePlacement } from "../../../shared/monitor/placement.ts";
import type { PublishedConfig, PublishedRow } from "../../../shared/monitor/published-config.ts";
import { joinPublished, publishedConfigSchema } from "../../../shared/monitor/published-config.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";

const LOADS_SQL = `
  SELECT coalesce(coordinator, 0) AS coordinator, COUNT(*) AS monitors,
    TOTAL(definition ->> '$.group' = ?) AS kin
  FROM monitors LEFT JOIN placements ON placements.id = monitors.id
  GROUP BY 1`;

/** Places a monitor that is about to be created; one that there is stays where it is. */
const PLACE_SQL = `
  INSERT INTO placements (id, coordinator)
  SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM monitors WHERE id = ?1)
  ON CONFLICT DO NOTHING`;

/**
 * Statements that place a monitor, for the batch that creates it and before that; none where there
 * is but one coordinator.
 */
export async function placeStatements(
  db: D1Database,
  { id, group }: Pick<Monitor, "id" | "group">,
  coordinators: number,
): Promise<D1PreparedStatement[]> {
  if (coordinators === 1) return [];
  const { results: loads } = await db.prepare(LOADS_SQL).bind(group).all<CoordinatorLoad & Row>();
  return [db.prepare(PLACE_SQL).bind(id, choosePlacement(loads, coordinators))];
}

type Row = Record<string, unknown>;

/**
 * Moves what is placed with a coordinator that there is not any more to the first for good, so that it
 * stays there when there are more again; writes nothing where nothing is.
 */
export async function settlePlacements(db: D1Database, coordinators: number): Promise<void> {
  await db
    .prepare("UPDATE placements SET coordinator = 0 WHERE coordinator >= ?")
    .bind(coordinators)
    .run();
}

/** Whether the reader has what is published: version and moment of publication are `?1` and `?2`. */
const IS_KNOWN = "published.version = ?1 AND published.published_at_ms = ?2";

/**
 * Monitors of a published row that are with coordinator `?3` of `?4`. What is placed with one that
 * there is not any more is with the first.
 */
const OWN_SQL = `
  SELECT json_group_array(json(each.value))
  FROM json_each(iif(published.id = 1, published.body -> '$.monitors', published.body)) AS each
  LEFT JOIN placements ON placements.id = each.value ->> '$.id'
  WHERE iif(coalesce(coordinator, 0) < ?4, coalesce(coordinator, 0), 0) = ?3`;

const READ_OWN_SQL = `
  SELECT version, published_at_ms,
    CASE
      WHEN ${IS_KNOWN} THEN NULL
      WHEN id = 1 THEN json_set(body, '$.monitors', json((${OWN_SQL})))
      ELSE (${OWN_SQL})
    END AS body
  FROM published_config AS published ORDER BY id`;

/** Names and schedules; a monitor of an older release has no `http`. */
const READ_ROSTER_SQL = `
  SELECT id, name, definition ->> '$.group' AS "group", definition ->> '$.public' AS public,
    definition ->> '$.interval' AS interval, definition -> '$.regions' AS regions,
    definition ->> '$.paused' AS paused,
    coalesce(json_type(definition, '$.http'), 'false') <> 'false' AS http
  FROM monitors
  WHERE NOT EXISTS (SELECT 1 FROM published_config AS published WHERE id = 1 AND ${IS_KNOWN})
  ORDER BY created_at_ms, id`;

/** A row of it: what is true or false is a number, and the regions are JSON. */
interface RosterRow extends Pick<Monitor, "id" | "name" | "group" | "interval"> {
  public: number;
  /** Null: all, as an older release wrote it. */
  regions: string | null;
  paused: number;
  http: number;
}

function readRosterRow({ regions, ...row }: RosterRow): RosterMonitor {
  return {
    ...row,
    public: Boolean(row.public),
    regions: JSON.parse(regions ?? "null") as Monitor["regions"],
    paused: Boolean(row.paused),
    http: Boolean(row.http),
  };
}

/** What one of several coordinators works by. */
export interface PublishedPart {
  /** With its own monitors only. */
  config: PublishedConfig;
  /**
   * All monitors of the network, for the first coordinator, and for one that is not needed any more,
   * which tells those that are gone from those that have moved; for the others none.
   */
  roster: RosterMonitor[];
}

/** Reads a coordinator's part of what is published, as a whole only when that has changed. */
export class PartReader {
  readonly #db: D1Database;
  readonly #coordinator: Shard;
  #known: { row: PublishedRow; part: PublishedPart } | null = null;

  constructor(db: D1Database, coordinator: Shard) {
    this.#db = db;
    this.#coordinator = coordinator;
  }

  /**
   * Loads the part; null when nothing has been published yet. While nothing has changed always the
   * same object.
   *
   * @throws ZodError when it was written by an incompatible release
   */
  async load(): Promise<PublishedPart | null> {
    const known = this.#known;
    const { index, count } = this.#coordinator;
    const version = [known?.row.version ?? null, known?.row.published_at_ms ?? null];
    const reading = [this.#db.prepare(READ_OWN_SQL).bind(...version, index, count)];
    if (index === 0 || index >= count) {
      reading.push(this.#db.prepare(READ_ROSTER_SQL).bind(...version));
    }
    const [own, roster] = await this.#db.batch(reading);
    const rows = (own?.results ?? []) as PublishedRow[];
    const [row] = rows;
    if (row === undefined) return null;
    if (row.body === null && known !== null) return known.part;
    const part = {
      config: publishedConfigSchema.parse(joinPublished(rows)),
      roster: ((roster?.results ?? []) as unknown as RosterRow[]).map(readRosterRow),
    };
    this.#known = { row: { ...row, body: null }, part };
    return part;
  }
}
