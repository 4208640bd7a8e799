/** The figures of `npm run bench -- backup` as a table of Markdown. Pure. */

/** What was measured at one size. */
export interface BackupFigures {
  monitors: number;
  regions: number;
  /** Of the object's part, in bytes. */
  fileBytes: number;
  rows: number;
  /** All pages together, and the longest single one, in seconds. */
  backupSeconds: number;
  longestPageSeconds: number;
  /** CPU time of a minute of monitoring, without a backup that is being read and with one. */
  minuteSeconds: number;
  guardedMinuteSeconds: number;
  /** Bytes that were kept for the backup during that minute. */
  keptBytes: number;
  /** All parts together, and the longest single one, in seconds. */
  restoreSeconds: number;
  longestPartSeconds: number;
  /** Until the restored tables were in their place once it was decided, in seconds. */
  commitSeconds: number;
  /** Most of the heap that was held at once: by the coordinator, a page of it, and the restore. */
  mostHeldBytes: number;
  /** Whether what was restored is what was backed up. */
  isSame: boolean;
  /** What went wrong, as the coordinator logs it. */
  failures: string[];
}

const MEGABYTE = 1_000_000;
const MEBIBYTE = 1_048_576;

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function size(bytes: number): string {
  const megabytes = bytes / MEGABYTE;
  return `${megabytes.toLocaleString("en", { maximumFractionDigits: megabytes < 10 ? 1 : 0 })} MB`;
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

/** Renders the figures of several sizes, smallest first. */
export function renderBackup(sizes: readonly BackupFigures[]): string {
  const heads = [
    "monitors",
    "file",
    "rows",
    "backup",
    "longest page",
    "a minute meanwhile",
    "kept",
    "restore",
    "longest part",
    "commit",
    "memory held",
  ];
  const rows = sizes.map((figures) =>
    row([
      figures.monitors.toLocaleString("en"),
      size(figures.fileBytes),
      figures.rows.toLocaleString("en"),
      seconds(figures.backupSeconds),
      seconds(figures.longestPageSeconds),
      `${seconds(figures.guardedMinuteSeconds)} (${seconds(figures.minuteSeconds)})`,
      size(figures.keptBytes),
      seconds(figures.restoreSeconds),
      seconds(figures.longestPartSeconds),
      seconds(figures.commitSeconds),
      `${(figures.mostHeldBytes / MEBIBYTE).toFixed(0)} MiB`,
    ]),
  );
  const wrong = sizes.flatMap(({ monitors, isSame, failures }) => [
    ...(isSame ? [] : [`What was restored of ${monitors} monitors is not what was backed up.`]),
    ...failures.map((failure) => `failure: ${failure}`),
  ]);
  return [
    "The object's part of a backup, and its restore; in brackets a minute without a backup:",
    "",
    row(heads),
    row(heads.map(() => "--:")),
    ...rows,
    ...(wrong.length === 0 ? [] : ["", ...new Set(wrong)]),
  ].join("\n");
}
