/**
 * What befalls a target and the places that watch it, drawn from a seed, and what a check would see
 * of it at any moment. The same seed and hours give the same trace; looking changes nothing, so
 * every rule may look as often as it likes and all see one world.
 */
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import { Random } from "../../sim/random.ts";
import { makeConfig } from "../../support/observation.ts";
import type { Span } from "./timeline.ts";
import { Timeline } from "./timeline.ts";

export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** When every trace begins: 2026-11-20 00:00:00 UTC. */
export const TRACE_START_MS = Date.UTC(2026, 10, 20);
/** Four regions at a minute's interval, staggered as in production. */
const CONFIG = makeConfig();
/** Regions of every trace, in the network's order. */
export const REGIONS: readonly string[] = CONFIG.regions;
/** Interval of one region, in milliseconds. */
export const INTERVAL_MS = CONFIG.defaultIntervalMs;
/** Deadline of a check: how long one takes that gets no answer, in milliseconds. */
export const CHECK_TIMEOUT_MS = 10_000;
/** Share of checks that fail for no reason at all. */
const BACKGROUND_LOSS = 0.0005;

/** What one check saw. `trouble`: the probe failed itself, and knows it. */
export interface Sight {
  region: string;
  /** Where it in truth ran. */
  colo: string;
  startedAtMs: number;
  endedAtMs: number;
  result: "up" | "down" | "trouble";
}

/** A failure of the target, and how long a check takes to see it. */
export interface TargetFault extends Span {
  failMs: number;
  /** Regions that see it. */
  regions: readonly string[];
}

/** A time in which a share of a region's checks is lost. */
interface Loss extends Span {
  share: number;
}

/** A time in which a region runs in another place than its own. */
interface Move extends Span {
  colo: string;
  /** Share of checks that this place loses. */
  share: number;
}

/** What befalls one region. */
export interface RegionFaults {
  loss: Timeline<Loss>;
  /** Its probe fails by its own fault. */
  trouble: Timeline<Span>;
  /** Its cron fires up to a time late. */
  slow: Timeline<Span & { latestMs: number }>;
  /** It neither checks nor answers. */
  dead: Timeline<Span>;
  moves: Timeline<Move>;
}

/** Everything that befalls. */
export interface Faults {
  /** The target is down for everybody, a minute at least. */
  outages: Timeline<TargetFault>;
  /** The same, too short to matter to most: half a minute at most. */
  blips: Timeline<TargetFault>;
  /** The target cannot be reached from one or two regions. */
  regional: Timeline<TargetFault>;
  /** A data centre reaches nothing. */
  places: ReadonlyMap<string, Timeline<Span>>;
  regions: ReadonlyMap<string, RegionFaults>;
}

/** How often something happens, and for how long. */
interface Rate {
  everyHours: number;
  leastMs: number;
  mostMs: number;
}

const RATES = {
  outage: { everyHours: 40, leastMs: MINUTE_MS, mostMs: 3 * HOUR_MS },
  blip: { everyHours: 20, leastMs: 2_000, mostMs: 30_000 },
  regional: { everyHours: 60, leastMs: 2 * MINUTE_MS, mostMs: 6 * HOUR_MS },
  place: { everyHours: 50, leastMs: 20_000, mostMs: 6 * MINUTE_MS },
  loss: { everyHours: 80, leastMs: 5 * MINUTE_MS, mostMs: 2 * HOUR_MS },
  trouble: { everyHours: 80, leastMs: MINUTE_MS, mostMs: 20 * MINUTE_MS },
  slow: { everyHours: 60, leastMs: 10 * MINUTE_MS, mostMs: 2 * HOUR_MS },
  dead: { everyHours: 400, leastMs: 10 * MINUTE_MS, mostMs: 12 * HOUR_MS },
  move: { everyHours: 300, leastMs: 2 * HOUR_MS, mostMs: 48 * HOUR_MS },
} as const satisfies Record<string, Rate>;

/** Quiet at the start and between two faults of a kind. */
const GAP_MS = 15 * MINUTE_MS;

/** Where a region runs when nothing is wrong. */
export function ownColo(region: string): string {
  return `colo of ${region}`;
}

/** Draws spans one after the other; lengths spread evenly over orders of magnitude. */
function draw(random: Random, rate: Rate, hours: number): Span[] {
  const spans: Span[] = [];
  const endMs = TRACE_START_MS + hours * HOUR_MS;
  for (let atMs = TRACE_START_MS; ;) {
    const waitMs = -Math.log(1 - random.next()) * rate.everyHours * HOUR_MS;
    const fromMs = Math.round(atMs + GAP_MS + waitMs);
    const length = rate.leastMs * (rate.mostMs / rate.leastMs) ** random.next();
    const toMs = Math.round(fromMs + length);
    // What would outlast the trace is left out, so that every fault can be seen to its end.
    if (toMs + GAP_MS > endMs) return spans;
    spans.push({ fromMs, toMs });
    atMs = toMs;
  }
}

function drawRegion(random: Random, region: string, hours: number): RegionFaults {
  const others = REGIONS.filter((other) => other !== region);
  return {
    loss: new Timeline(
      draw(random.fork(), RATES.loss, hours).map((span) => ({
        ...span,
        share: random.pick([0.05, 0.2, 0.5]),
      })),
    ),
    trouble: new Timeline(draw(random.fork(), RATES.trouble, hours)),
    slow: new Timeline(
      draw(random.fork(), RATES.slow, hours).map((span) => ({
        ...span,
        latestMs: random.pick([10_000, 45_000, 90_000]),
      })),
    ),
    dead: new Timeline(draw(random.fork(), RATES.dead, hours)),
    moves: new Timeline(
      draw(random.fork(), RATES.move, hours).map((span) =>
        random.chance(0.5)
          ? { ...span, colo: ownColo(random.pick(others)), share: 0 }
          : { ...span, colo: `far from ${region}`, share: 0.03 },
      ),
    ),
  };
}

/** Half of the regions that die lose their network for two minutes before that. */
function placeFaults(random: Random, own: readonly Span[], deaths: readonly Span[]): Span[] {
  const spans = [...own];
  for (const { fromMs } of deaths) {
    const dying = { fromMs: fromMs - 2 * MINUTE_MS, toMs: fromMs };
    const free = own.every((span) => span.toMs < dying.fromMs || span.fromMs > dying.toMs);
    if (random.chance(0.5) && free) spans.push(dying);
  }
  return spans.toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Draws all that happens in a number of hours. */
export function drawFaults(seed: number, hours: number): Faults {
  const random = new Random(seed);
  const fails = random.fork();
  const seenBy = (spans: readonly Span[], regions: () => readonly string[]) =>
    spans.map((span) => ({
      ...span,
      failMs: fails.pick([50, 1_000, CHECK_TIMEOUT_MS]),
      regions: regions(),
    }));
  const everyone = () => REGIONS;
  const outages = seenBy(draw(random.fork(), RATES.outage, hours), everyone);
  const near = new Timeline(
    outages.map(({ fromMs, toMs }) => ({ fromMs: fromMs - GAP_MS / 2, toMs: toMs + GAP_MS / 2 })),
  );
  const blips = seenBy(draw(random.fork(), RATES.blip, hours), everyone);
  const few = random.fork();
  const regional = seenBy(draw(random.fork(), RATES.regional, hours), () => {
    const [first = "", second = ""] = few.some(REGIONS, 2);
    return few.chance(0.15) ? [first, second] : [few.pick(REGIONS)];
  });
  const regions = new Map(REGIONS.map((id) => [id, drawRegion(random.fork(), id, hours)]));
  const places = new Map(
    REGIONS.map((id) => {
      const deaths = regions.get(id)?.dead.spans ?? [];
      const own = draw(random.fork(), RATES.place, hours);
      return [ownColo(id), new Timeline(placeFaults(random.fork(), own, deaths))];
    }),
  );
  return {
    outages: new Timeline(outages),
    blips: new Timeline(blips.filter(({ fromMs }) => near.at(fromMs) === undefined)),
    regional: new Timeline(regional),
    places,
    regions,
  };
}

/** A number in [0, 1) that depends on a check alone: looking again at the same moment is no luck. */
function chanceOf(seed: number, region: number, atMs: number): number {
  let mixed = (seed ^ Math.imul(region + 1, 0x9e3779b9)) >>> 0;
  for (const part of [Math.floor(atMs / 4_294_967_296), atMs % 4_294_967_296]) {
    mixed = Math.imul(mixed ^ part, 0x85ebca6b) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  }
  return mixed / 4_294_967_296;
}

/** A world to look at. */
export class Trace {
  readonly seed: number;
  readonly faults: Faults;

  constructor(seed: number, faults: Faults) {
    this.seed = seed;
    this.faults = faults;
  }

  /** What a check of a region that begins at a moment sees; null: the region does not answer. */
  look(region: string, atMs: number): Sight | null {
    const { regions, places, outages, blips, regional } = this.faults;
    const own = regions.get(region);
    if (own?.dead.at(atMs) !== undefined) return null;
    const move = own?.moves.at(atMs);
    const colo = move?.colo ?? ownColo(region);
    const chance = chanceOf(this.seed, REGIONS.indexOf(region), atMs);
    const ends = (result: Sight["result"], afterMs: number): Sight => ({
      region,
      colo,
      startedAtMs: atMs,
      endedAtMs: atMs + afterMs,
      result,
    });
    if (own?.trouble.at(atMs) !== undefined) return ends("trouble", 1_000);
    const fault = outages.at(atMs) ?? blips.at(atMs);
    if (fault !== undefined) return ends("down", fault.failMs);
    if (places.get(colo)?.at(atMs) !== undefined) return ends("down", CHECK_TIMEOUT_MS);
    const local = regional.at(atMs);
    if (local?.regions.includes(region) === true) return ends("down", local.failMs);
    const lost = BACKGROUND_LOSS + (own?.loss.at(atMs)?.share ?? 0) + (move?.share ?? 0);
    if (chance < lost) return ends("down", CHECK_TIMEOUT_MS);
    return ends("up", 200 + Math.floor(chance * 200));
  }

  /** Checks of the schedule that begin in a window, but for slow crons, which begin them later. */
  scheduled(fromMs: number, toMs: number): Sight[] {
    return REGIONS.flatMap((region, index) => {
      const slow = this.faults.regions.get(region)?.slow;
      return roundsIn({ config: CONFIG, region, fromMs, toMs }).flatMap(({ scheduledAtMs }) => {
        const latestMs = slow?.at(scheduledAtMs)?.latestMs ?? 0;
        const lateMs = Math.floor(chanceOf(this.seed + 1, index, scheduledAtMs) * latestMs);
        return this.look(region, scheduledAtMs + lateMs) ?? [];
      });
    });
  }
}
