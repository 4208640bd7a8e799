/**
 * The demo's ports: chosen at the first start, remembered in the data folder, so that monitors and
 * bookmarks stay right; one that is taken later is replaced.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { freePort, isFree } from "../services/http-server.ts";
import { readOptional } from "../start/data-folder.ts";

const portsSchema = z.object({
  /** Whether the demo's monitors have been made. */
  provisioned: z.boolean(),
  /** Port by name: each target's id, `panel`, `alerts`. */
  ports: z.record(z.string(), z.int().min(1).max(65_535)),
});

/** What is remembered. */
export type DemoPorts = z.output<typeof portsSchema>;

const FILE = "demo-ports.json";

/** Reads what is remembered; a file that is damaged counts as none. */
export function loadPorts(folder: string): DemoPorts {
  const text = readOptional(join(folder, FILE));
  try {
    return portsSchema.parse(JSON.parse(text ?? ""));
  } catch {
    // None yet, or cut short: ports can always be chosen again.
    return { provisioned: false, ports: {} };
  }
}

/** Remembers ports for the next start. */
export function savePorts(folder: string, ports: DemoPorts): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(ports, null, 2)}\n`);
}

/**
 * Gives each name a port that is free now: the remembered one, else one after `basePort`, else any.
 *
 * @param basePort port of the status page; 0: any free ones
 */
export async function choosePorts(
  names: readonly string[],
  remembered: Readonly<Record<string, number>>,
  basePort: number,
): Promise<Record<string, number>> {
  const chosen: Record<string, number> = {};
  const isUsable = async (port: number | undefined): Promise<boolean> =>
    port !== undefined &&
    port <= 65_535 &&
    !Object.values(chosen).includes(port) &&
    (await isFree(port));
  for (const [index, name] of names.entries()) {
    const kept = remembered[name];
    const near = basePort === 0 ? undefined : basePort + 1 + index;
    for (const candidate of [kept, near, await freePort()]) {
      if (candidate === undefined || !(await isUsable(candidate))) continue;
      chosen[name] = candidate;
      break;
    }
    chosen[name] ??= await freePort();
  }
  return chosen;
}
