/** The figures of `npm run bench -- ingest` as a table of Markdown, and how they grow. Pure. */

/** What was measured at one size. */
export interface IngestFigures {
  monitors: number;
  regions: number;
  /** Among which the monitors are divided; one of them was measured. */
  coordinators: number;
  /** CPU time of the whole process per minute of monitoring, collecting garbage included. */
  cpuSecondsPerMinute: number;
  /** What the engine holds once the minutes are over, beyond the empty process. */
  heldBytes: number;
  observationsPerMinute: number;
  /** Votes in memory: as many as monitors times regions. */
  votes: number;
  /** Messages sent. */
  deliveries: number;
  /** What went wrong, as the coordinator logs it. */
  failures: string[];
}

const MEBIBYTE = 1_048_576;
/** Goals at the largest size: an object has 128 MB, and shares a machine's time with others. */
export const GOALS = { cpuSeconds: 5, heldBytes: 64 * MEBIBYTE } as const;

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** How much more CPU time a size takes than the one before it, for each of its monitors. */
function growth(figures: IngestFigures, before: IngestFigures | undefined): string {
  if (before === undefined) return "";
  const each = ({ cpuSecondsPerMinute, monitors }: IngestFigures) => cpuSecondsPerMinute / monitors;
  return `× ${(each(figures) / each(before)).toFixed(2)}`;
}

/** Renders the figures of several sizes, smallest first. */
export function renderIngest(sizes: readonly IngestFigures[]): string {
  const rows = sizes.map((figures, index) =>
    row([
      figures.monitors.toLocaleString("en"),
      String(figures.regions),
      Math.round(figures.observationsPerMinute).toLocaleString("en"),
      `${figures.cpuSecondsPerMinute.toFixed(2)} s`,
      growth(figures, sizes[index - 1]),
      `${(figures.heldBytes / MEBIBYTE).toFixed(1)} MiB`,
    ]),
  );
  const failures = new Set(sizes.flatMap((figures) => figures.failures));
  const heads = ["monitors", "regions", "observations", "CPU", "CPU per monitor", "memory"];
  return [
    `One minute of monitoring, through ${title(sizes)}:`,
    "",
    row(heads),
    row(heads.map(() => "--:")),
    ...rows,
    "",
    ...[...failures].map((failure) => `failure: ${failure}`),
    judgement(sizes),
  ].join("\n");
}

function title(sizes: readonly IngestFigures[]): string {
  const coordinators = sizes[0]?.coordinators ?? 1;
  return coordinators === 1 ? "one coordinator" : `one of ${coordinators} coordinators`;
}

/** Whether the largest size is within the goals, and if not, by how much. */
function judgement(sizes: readonly IngestFigures[]): string {
  const largest = sizes.at(-1);
  if (largest === undefined) return "Nothing was measured.";
  const { cpuSecondsPerMinute, heldBytes } = largest;
  const cpu = cpuSecondsPerMinute <= GOALS.cpuSeconds ? "within" : "over";
  const memory = heldBytes <= GOALS.heldBytes ? "within" : "over";
  return (
    `At ${largest.monitors.toLocaleString("en")} monitors CPU is ${cpu} the goal of ` +
    `${GOALS.cpuSeconds} s, memory ${memory} the goal of ${GOALS.heldBytes / MEBIBYTE} MiB.`
  );
}
