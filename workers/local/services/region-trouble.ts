/**
 * What is made to go wrong with the regions of the local network themselves: facts about Echoquorum,
 * not about targets. Kept in memory: a restart mends every region.
 */
import { z } from "zod";
import { REGIONS, findRegion } from "../../../shared/regions.ts";

/** What may be wrong with a region. */
export interface RegionTrouble {
  /** Its cron does not fire; the coordinator asks its probe for every run. */
  cronStopped: boolean;
  /** Its probe neither runs nor answers. */
  probeStopped: boolean;
  /** Its control targets do not answer, as if its network were broken. */
  blind: boolean;
  /** Data centre in which it is observed instead of its own; null: its own. */
  colo: string | null;
}

const COLOS: ReadonlySet<string> = new Set(REGIONS.flatMap(({ expectedColos }) => expectedColos));

/** A trouble as it is asked for; what is left out is not so. */
export const regionTroubleSchema = z.strictObject({
  cronStopped: z.boolean().default(false),
  probeStopped: z.boolean().default(false),
  blind: z.boolean().default(false),
  colo: z
    .string()
    .refine((colo) => COLOS.has(colo), "expected a data centre of the catalogue")
    .nullable()
    .default(null),
}) satisfies z.ZodType<RegionTrouble>;

/** A region with which nothing is wrong. */
export const NO_TROUBLE: RegionTrouble = {
  cronStopped: false,
  probeStopped: false,
  blind: false,
  colo: null,
};

/** The troubles of all regions. */
export class RegionTroubles {
  readonly #troubles = new Map<string, RegionTrouble>();

  get(region: string): RegionTrouble {
    return this.#troubles.get(region) ?? NO_TROUBLE;
  }

  set(region: string, trouble: RegionTrouble): void {
    this.#troubles.set(region, trouble);
  }

  /** Data centre in which a region is observed; null: nothing is known of such a region. */
  coloOf(region: string): string | null {
    return this.get(region).colo ?? findRegion(region)?.expectedColos[0] ?? null;
  }
}
