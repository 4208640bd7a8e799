/**
 * The catalogue of places a probe can run in.
 *
 * A region is a configured vantage; where its Worker in truth ran is the *observed colo* of each
 * run. Placement hints are the cloud regions that Cloudflare accepts as `placement.region`; the
 * expected colos are IATA codes of Cloudflare data centres near that cloud region, used to notice
 * a probe that was placed elsewhere. This module holds facts only and imports nothing.
 */

/** Identifier of a region, spelled as in `wrangler.toml` (`[env.probe-<id>]`). */
export type RegionId = (typeof REGIONS)[number]["id"];

/** One place of the catalogue. */
export interface Region {
  /** Stable identifier, e.g. `eu-central`. */
  readonly id: string;
  /** Name shown to people, e.g. `Europe (Frankfurt)`. */
  readonly label: string;
  /** Degrees north, −90 … 90. */
  readonly latitude: number;
  /** Degrees east, −180 … 180. */
  readonly longitude: number;
  /** Value for `placement.region` in `wrangler.toml`. */
  readonly placementHint: string;
  /** IATA codes of data centres where a probe with this hint is expected to run. */
  readonly expectedColos: readonly string[];
}

/** Every known region, in the order in which they are staggered and shown. */
export const REGIONS = [
  {
    id: "us-east",
    label: "US East (Virginia)",
    latitude: 38.95,
    longitude: -77.45,
    placementHint: "aws:us-east-1",
    expectedColos: ["IAD", "EWR", "BOS", "PHL", "RIC"],
  },
  {
    id: "us-west",
    label: "US West (Oregon)",
    latitude: 45.59,
    longitude: -122.6,
    placementHint: "aws:us-west-2",
    expectedColos: ["PDX", "SEA", "SJC", "SFO"],
  },
  {
    id: "sa-east",
    label: "South America (São Paulo)",
    latitude: -23.43,
    longitude: -46.47,
    placementHint: "aws:sa-east-1",
    expectedColos: ["GRU", "VCP", "GIG"],
  },
  {
    id: "eu-west",
    label: "Europe (Dublin)",
    latitude: 53.42,
    longitude: -6.27,
    placementHint: "aws:eu-west-1",
    expectedColos: ["DUB", "ORK", "LHR", "MAN"],
  },
  {
    id: "eu-central",
    label: "Europe (Frankfurt)",
    latitude: 50.03,
    longitude: 8.57,
    placementHint: "aws:eu-central-1",
    expectedColos: ["FRA", "DUS", "MUC", "TXL", "HAM"],
  },
  {
    id: "af-south",
    label: "Africa (Cape Town)",
    latitude: -33.97,
    longitude: 18.6,
    placementHint: "aws:af-south-1",
    expectedColos: ["CPT", "JNB", "DUR"],
  },
  {
    id: "me-central",
    label: "Middle East (UAE)",
    latitude: 25.25,
    longitude: 55.36,
    placementHint: "aws:me-central-1",
    expectedColos: ["DXB", "FJR", "DOH", "BAH"],
  },
  {
    id: "ap-south",
    label: "India (Mumbai)",
    latitude: 19.09,
    longitude: 72.87,
    placementHint: "aws:ap-south-1",
    expectedColos: ["BOM", "HYD", "DEL"],
  },
  {
    id: "ap-southeast",
    label: "Asia (Singapore)",
    latitude: 1.36,
    longitude: 103.99,
    placementHint: "aws:ap-southeast-1",
    expectedColos: ["SIN", "KUL", "JHB"],
  },
  {
    id: "ap-northeast",
    label: "Japan (Tokyo)",
    latitude: 35.77,
    longitude: 140.39,
    placementHint: "aws:ap-northeast-1",
    expectedColos: ["NRT", "KIX", "FUK"],
  },
  {
    id: "oceania",
    label: "Oceania (Sydney)",
    latitude: -33.95,
    longitude: 151.18,
    placementHint: "aws:ap-southeast-2",
    expectedColos: ["SYD", "MEL", "CBR", "AKL"],
  },
] as const satisfies readonly Region[];

/** Looks a region up by id; undefined for one that the catalogue does not know. */
export function findRegion(id: string): Region | undefined {
  return REGIONS.find((region) => region.id === id);
}

/** Label of a region for people; the id itself where the catalogue does not know it. */
export function regionLabel(id: string): string {
  return findRegion(id)?.label ?? id;
}

/**
 * Name by which a region's probe Workers are told apart: the region's id for the first, or only,
 * shard, `eu-central-2` for the second. No id of the catalogue ends in a number.
 *
 * @param shard counted from 0
 */
export function probeName(id: string, shard = 0): string {
  return shard === 0 ? id : `${id}-${shard + 1}`;
}

/** Region and shard, counted from 0, of a {@link probeName}. */
export function parseProbeName(name: string): { region: string; shard: number } {
  const match = /^(.+)-([2-9]|[1-9]\d)$/.exec(name);
  return { region: match?.[1] ?? name, shard: Number(match?.[2] ?? 1) - 1 };
}

/**
 * Name of the coordinator's service binding to a probe, e.g. `PROBE_EU_CENTRAL`, and
 * `PROBE_EU_CENTRAL_2` for the region's second shard.
 *
 * @param shard counted from 0
 */
export function probeBindingName(id: string, shard = 0): string {
  return `PROBE_${probeName(id, shard).toUpperCase().replaceAll("-", "_")}`;
}
