/** What the check benchmark prints: the figures, what they count, and whether the goals are met. */
import type { MemoryCourse, MemorySample } from "./check-figures.ts";
import { FLAT_GROWTH_MAX, isFlat, median, memoryCourse, ratios, spread } from "./check-figures.ts";

/** CPU time per exchange in microseconds, by side, one figure per round. */
export interface RoundFigures {
  /** `ws` in Node. */
  ws: number[];
  /** The core's RFC 6455 client in Node. */
  client: number[];
  /** The core's whole check in Node. */
  core: number[];
  /** The bare bytes in workerd. */
  bytes: number[];
  /** The whole check in workerd, many in one invocation. */
  check: number[];
  /** The probe's `POST /check` in workerd: an invocation with a check. */
  invokedCheck: number[];
  /** An invocation without one. */
  invocation: number[];
}

/** A check may take this many times what the bare `ws` client takes. */
const RATIO_GOAL = 1.3;

const SIDES: ReadonlyArray<readonly [side: keyof RoundFigures, name: string]> = [
  ["ws", "Node: bare ws client"],
  ["client", "Node: bare client of ours"],
  ["core", "Node: our whole check"],
  ["bytes", "workerd: bare bytes"],
  ["check", "workerd: our whole check"],
  ["invokedCheck", "workerd: POST /check"],
  ["invocation", "workerd: empty invocation"],
];
const NAME_WIDTH = 28;
const COLUMN_WIDTH = 9;
const MEMORY_COLUMNS = 8;
/** Exchanges from which on the second quarter is past the growth that every workerd begins with. */
const SETTLED_CHECKS = 80_000;

const COUNTED = `An exchange: connect, upgrade, 32-byte echo, ping, closing handshake, over ws:// on loopback, six at a
time. CPU is user and system time of the process that makes the exchanges, all its threads, in µs per
exchange; the server is another process. Sides take turns; ratios are formed within each round.
  bare ws client     ws with nothing around it, no compression
  bare client        our RFC 6455 client over node:net with nothing around it
  our whole check    from the unparsed spec to the observation as JSON: client, dialogue, evidence,
                     timings, transcript; in workerd also sockets, deadlines and DNS decision, a hundred
                     in one invocation
  bare bytes         a Worker that writes and reads the bytes of the exchange and looks at none: what
                     the runtime takes by itself
  POST /check        the probe Worker as it is deployed, one check per invocation over HTTP
  empty invocation   the same without a check: Miniflare's entry Worker and HTTP`;

/** The comparison in words and figures. */
export function roundLines(figures: RoundFigures, exchanges: number): string[] {
  const table = SIDES.map(([side, name]) => {
    const { min, median: middle, max } = spread(figures[side]);
    const ratio = spread(ratios(figures[side], figures.ws));
    const cells = [min, middle, max].map((figure) => figure.toFixed(0));
    const multiples = [ratio.min, ratio.median, ratio.max].map((figure) => figure.toFixed(2));
    return row(name, [...cells, ...multiples]);
  });
  return [
    COUNTED,
    "",
    `${figures.ws.length} rounds of ${exchanges} exchanges of each side`,
    "",
    row("", ["µs min", "median", "max", "× ws min", "median", "max"]),
    ...table,
    "",
    ...judgement(figures),
  ];
}

function judgement(figures: RoundFigures): string[] {
  const multiple = (side: keyof RoundFigures, base: keyof RoundFigures = "ws") =>
    median(ratios(figures[side], figures[base]));
  const inWorkerd = multiple("check");
  const inNode = multiple("core");
  return [
    `A check in workerd takes ${times(inWorkerd)} a bare ws client in Node.`,
    `  Goal ≤ ${RATIO_GOAL} ×: ${met(inWorkerd)}.`,
    `  Of that the runtime takes ${times(multiple("bytes"))} for the bare bytes; a check is ` +
      `${times(multiple("check", "bytes"))} the bare bytes.`,
    `In one and the same runtime, Node, our whole check takes ${times(inNode)} the bare ws client`,
    `  (goal ≤ ${RATIO_GOAL} ×: ${met(inNode)}), and our bare client ${times(multiple("client"))}.`,
  ];
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

function met(ratio: number): string {
  return ratio <= RATIO_GOAL ? "met" : "missed";
}

/** Memory in workerd while it makes the checks, and while it makes as many times the bare bytes. */
export interface MemorySamples {
  check: MemorySample[];
  bytes: MemorySample[];
}

/** How memory went, in words and figures. */
export function memoryLines({ check, bytes }: MemorySamples): string[] {
  const every = Math.ceil(check.length / MEMORY_COLUMNS);
  const shown = (samples: readonly MemorySample[]) =>
    samples.filter((_sample, index) => (index + 1) % every === 0);
  const cells = (samples: readonly MemorySample[]) =>
    shown(samples).map((sample) => megabytes(sample.bytes));
  const count = check.at(-1)?.checks ?? 0;
  const counts = shown(check).map(({ checks }) => String(checks));
  return [
    `Memory of workerd (anonymous resident) over ${count} exchanges more, in MB`,
    "",
    row("", counts),
    row("our whole check", cells(check)),
    row("bare bytes", cells(bytes)),
    "",
    `Our whole check: ${courseText(memoryCourse(check))}`,
    `Bare bytes:      ${courseText(memoryCourse(bytes))}`,
    count < SETTLED_CHECKS
      ? `Too few to tell whether it is flat: the runtime settles after some ${SETTLED_CHECKS / 2}.`
      : `Flat within ${FLAT_GROWTH_MAX * 100} %: ${isFlat(memoryCourse(check)) ? "yes" : "no"}.`,
  ];
}

function courseText({ early, late, max, growthPerCheck }: MemoryCourse): string {
  return (
    `second quarter ${megabytes(early)}, last quarter ${megabytes(late)}, ` +
    `at most ${megabytes(max)} MB; ${growthPerCheck.toFixed(0)} bytes per exchange`
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("");
}
