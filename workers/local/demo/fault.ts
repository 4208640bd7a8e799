/**
 * What can be wrong with a demo target, and for whom: state of the fault panel.
 *
 * Kept in the data folder, so that a target that was broken stays broken over a restart.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { REGIONS } from "../../../shared/regions.ts";
import { Complaint } from "../complaint.ts";

/** Kinds of fault, with what a person on the panel is told about each. */
export const FAULTS = {
  none: { label: "Healthy", effect: "answers as it should" },
  refuse: { label: "Refuse the upgrade", effect: "answers 503 to the upgrade" },
  drop: { label: "Drop the connection", effect: "resets the connection instead of answering" },
  wrong_accept: { label: "Wrong accept key", effect: "answers 101 with a false accept key" },
  silent: { label: "Silent after the upgrade", effect: "opens, then neither echoes nor pongs" },
  slow: { label: "Slow", effect: "echoes only after 0.6 s" },
} as const satisfies Record<string, { label: string; effect: string }>;

/** See {@link FAULTS}. */
export type FaultKind = keyof typeof FAULTS;

const FAULT_KINDS = Object.keys(FAULTS) as [FaultKind, ...FaultKind[]];
const REGION_IDS = REGIONS.map(({ id }) => id);

/** A fault as it is asked for. */
export const faultSchema = z
  .strictObject({
    fault: z.enum(FAULT_KINDS),
    /** Regions that are to suffer from it; null or absent: everyone. */
    regions: z.array(z.enum(REGION_IDS)).nullable().default(null),
  })
  // Where nothing is wrong nobody suffers, so an empty list is as good as any.
  .refine(({ fault, regions }) => fault === "none" || regions?.length !== 0, {
    path: ["regions"],
    message: "expected at least one region; null means everyone",
  });

/** A fault and whom it affects. */
export type Fault = z.output<typeof faultSchema>;

/** What a caller meets: the fault if it is meant for the caller's region. */
export function faultFor(fault: Fault, region: string | null): FaultKind {
  if (fault.regions === null) return fault.fault;
  const affected: readonly string[] = fault.regions;
  return region !== null && affected.includes(region) ? fault.fault : "none";
}

/** The faults of all targets. */
export class FaultBook {
  readonly #path: string;
  readonly #initial: ReadonlyMap<string, Fault>;
  #faults: Map<string, Fault>;

  /**
   * @param path JSON file that keeps them
   * @param initial faults of a fresh data folder, by target; names every target
   * @throws Complaint when the file is damaged
   */
  constructor(path: string, initial: ReadonlyMap<string, Fault>) {
    this.#path = path;
    this.#initial = initial;
    this.#faults = new Map([...initial, ...readFaults(path)]);
  }

  has(target: string): boolean {
    return this.#initial.has(target);
  }

  get(target: string): Fault {
    return this.#faults.get(target) ?? { fault: "none", regions: null };
  }

  set(target: string, fault: Fault): void {
    // "Healthy for some regions" means healthy: there is no fault that others could keep.
    const kept: Fault = fault.fault === "none" ? { fault: "none", regions: null } : fault;
    this.#faults.set(target, kept);
    writeFileSync(this.#path, `${JSON.stringify(Object.fromEntries(this.#faults), null, 2)}\n`);
  }
}

function readFaults(path: string): Array<[string, Fault]> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // A fresh data folder.
    return [];
  }
  try {
    return Object.entries(z.record(z.string(), faultSchema).parse(JSON.parse(text)));
  } catch {
    throw new Complaint(`${path} is damaged: remove it, then start again.`);
  }
}
