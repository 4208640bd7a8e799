/**
 * The published configuration: one validated, versioned row that every probe reads once per run
 * and that the coordinator judges by. It never holds a channel or a page setting. Pure.
 */
import { z } from "zod";
import { maintenanceSchema } from "./maintenance.ts";
import { monitorSchema } from "./monitor.ts";

/** Schema of the published configuration's body. */
export const publishedConfigSchema = z.strictObject({
  /** Grows by one with each change. */
  version: z.int().min(0),
  /** Active regions in the order in which they are staggered. */
  regions: z.array(z.string()),
  /** Interval of monitors that set none, in milliseconds. */
  defaultIntervalMs: z.int().min(100),
  monitors: z.array(monitorSchema),
  /** Windows that are not long over, by their start; absent where there are none. */
  maintenances: z.array(maintenanceSchema).optional(),
});

/** The configuration that probes and coordinator share. */
export type PublishedConfig = z.output<typeof publishedConfigSchema>;
