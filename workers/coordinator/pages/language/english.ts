/** The English catalogue: its messages, and the reasons and regions as they are called everywhere. */
import type { Reason } from "../../../../shared/probe/reason.ts";
import { REASONS } from "../../../../shared/probe/reason.ts";
import type { RegionId } from "../../../../shared/regions.ts";
import { REGIONS } from "../../../../shared/regions.ts";
import type { Catalogue } from "./catalogue.ts";
import { EN } from "./en.ts";

/** English. */
export const EN_CATALOGUE: Catalogue = {
  messages: EN,
  reasons: Object.fromEntries(
    Object.entries(REASONS).map(([reason, { meaning }]) => [reason, meaning]),
  ) as Record<Reason, string>,
  places: Object.fromEntries(REGIONS.map(({ id, label }) => [id, label])) as Record<
    RegionId,
    string
  >,
};
