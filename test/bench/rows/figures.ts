/** The figures of `npm run bench -- rows`: a day's rows, and a table of Markdown. Pure. */

/** Who reads and writes D1, in the order of the table. */
export const PARTS = ["probes", "log", "configuration", "history", "retention", "daily"] as const;

/** One of them; `daily` is what happens once a day, whoever does it. */
export type Part = (typeof PARTS)[number];

/** Rows of D1, from its own metadata. */
export interface Rows {
  rowsWritten: number;
  rowsRead: number;
}

/** What was measured at one size. */
export interface RowsFigures {
  monitors: number;
  regions: number;
  /** Probe Workers of each region. */
  shards: number;
  /** Hours that were played. */
  hours: number;
  parts: Record<Part, Rows>;
  /** Estimate of rows that the object wrote to its own SQLite, alarms not included. */
  objectRows: number;
  /** Alarms set; each is billed as a written row. */
  alarms: number;
  /** What the run log takes of D1 in a day. */
  logBytesPerDay: number;
  /** Messages to channels. */
  deliveries: number;
  /** What went wrong, as the coordinator logs it. */
  failures: string[];
}

/**
 * What the free plan lets an account do in a day, with D1 and, apart, with Durable Objects, and how
 * large a database of D1 may be.
 */
export const FREE_PLAN = {
  rowsWritten: 100_000,
  rowsRead: 5_000_000,
  databaseBytes: 500_000_000,
} as const;
/** Days for which runs are kept unless it is said otherwise. */
const RUNS_KEPT_DAYS = 7;
/** Goal for thirty monitors in four regions, rows written to D1 in a day. */
export const GOAL = { monitors: 30, regions: 4, rowsWritten: 40_000 } as const;

const DAY_HOURS = 24;
/**
 * Rollups of five minutes and hours that the object deletes each day, of every region and by quorum:
 * those of two days ago, which the hours that are played do not have.
 */
const OLD_BUCKETS = 288 + 24;

/** Rows of D1 in a day: what happens once a day counts once, all else is scaled up. */
export function rowsPerDay({ parts, hours }: RowsFigures): Rows {
  const day = { rowsWritten: 0, rowsRead: 0 };
  for (const part of PARTS) {
    const times = part === "daily" ? 1 : DAY_HOURS / hours;
    day.rowsWritten += parts[part].rowsWritten * times;
    day.rowsRead += parts[part].rowsRead * times;
  }
  return day;
}

/** Rows that the object writes in its own SQLite in a day, alarms included; an estimate. */
export function objectRowsPerDay(figures: RowsFigures): number {
  const { objectRows, alarms, hours, regions } = figures;
  return ((objectRows + alarms) * DAY_HOURS) / hours + OLD_BUCKETS * (regions + 1);
}

/** What the runs that are kept take of D1, in bytes. */
export function keptLogBytes({ logBytesPerDay }: RowsFigures): number {
  return logBytesPerDay * RUNS_KEPT_DAYS;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Against what the free plan allows: over it in bold. */
function against(value: number, most: number, unit = 1): string {
  const text = number(value / unit);
  return value > most ? `**${text}**` : text;
}

/** One size as a row of the table. */
export function renderSize(figures: RowsFigures): string {
  const { monitors, regions, shards, hours, parts } = figures;
  const { rowsWritten, rowsRead } = rowsPerDay(figures);
  const written = PARTS.map((part) => {
    const times = part === "daily" ? 1 : DAY_HOURS / hours;
    return number(parts[part].rowsWritten * times);
  });
  return row([
    number(monitors),
    String(regions),
    String(shards),
    against(rowsWritten, FREE_PLAN.rowsWritten),
    ...written.filter((_, index) => PARTS[index] !== "log" && PARTS[index] !== "configuration"),
    against(rowsRead, FREE_PLAN.rowsRead),
    against(objectRowsPerDay(figures), FREE_PLAN.rowsWritten),
    against(keptLogBytes(figures), FREE_PLAN.databaseBytes, 1_000_000),
  ]);
}

/** Renders the figures of several sizes. */
export function renderRows(sizes: readonly RowsFigures[]): string {
  const heads = ["monitors", "regions", "shards", "D1 written", "probes", "history", "retention"];
  heads.push("once a day", "D1 read", "object written (estimate)", "log kept, MB");
  const failures = new Set(sizes.flatMap((figures) => figures.failures));
  return [
    "Rows in a day, and seven days of runs; bold: more than the free plan's 100,000 written, " +
      "5,000,000 read, 500 MB",
    "",
    row(heads),
    row(heads.map(() => "--:")),
    ...sizes.map(renderSize),
    "",
    ...[...failures].map((failure) => `failure: ${failure}`),
    ...judgement(sizes),
  ].join("\n");
}

/** Whether the size that has a goal is within it. */
function judgement(sizes: readonly RowsFigures[]): string[] {
  return sizes
    .filter(({ monitors, regions }) => monitors === GOAL.monitors && regions === GOAL.regions)
    .map((figures) => {
      const { rowsWritten } = rowsPerDay(figures);
      const side = rowsWritten <= GOAL.rowsWritten ? "within" : "over";
      return (
        `${GOAL.monitors} monitors in ${GOAL.regions} regions write ${number(rowsWritten)} rows ` +
        `a day to D1, ${side} the goal of ${number(GOAL.rowsWritten)}.`
      );
    });
}
