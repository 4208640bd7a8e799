/**
 * The values of a monitor's headers at rest: each is sealed for itself, as a text that takes the
 * place of the value, so that whatever keeps or passes monitors on need not know. Only the probe
 * opens them, when it makes a check, and whoever makes a backup.
 *
 * Values that an earlier release stored, or a network that does not seal them, are in the open.
 */
import type { Monitor } from "../shared/monitor/monitor.ts";
import { SEAL_PREFIX } from "../shared/monitor/monitor.ts";
import type { SealingKeys } from "./sealing.ts";
import { SealError } from "./sealing.ts";

type Headers = Monitor["headers"];

/** Whether a header's value is a seal. */
export function isSealedValue(value: string): boolean {
  return value.startsWith(SEAL_PREFIX);
}

const ownerOf = (monitor: string, name: string) => `monitor/${monitor}/${name.toLowerCase()}`;

/**
 * Seals the values of a monitor's headers that are not sealed yet.
 *
 * @throws SealError without a usable key
 */
export async function sealHeaders(
  monitor: string,
  headers: Headers,
  keys: SealingKeys,
): Promise<Headers> {
  return mapValues(headers, async (name, value) => {
    if (isSealedValue(value)) return value;
    const { kid, iv, ct } = await keys.seal(value, ownerOf(monitor, name));
    return `${SEAL_PREFIX}${kid}:${iv}:${ct}`;
  });
}

/**
 * Opens the values of a monitor's headers.
 *
 * @throws SealError when no key opens one of them
 */
export async function openHeaders(
  monitor: string,
  headers: Headers,
  keys: SealingKeys,
): Promise<Headers> {
  return mapValues(headers, async (name, value) => {
    if (!isSealedValue(value)) return value;
    const [kid = "", iv = "", ct = ""] = value.slice(SEAL_PREFIX.length).split(":");
    return keys.open({ v: 1, kid, iv, ct }, ownerOf(monitor, name));
  });
}

/** A monitor as it lies in a backup: open, as far as there are keys; what no key opens stays sealed. */
export async function openForBackup(definition: Monitor, keys: SealingKeys): Promise<Monitor> {
  const { id, headers } = definition;
  const opened = await mapValues(headers, async (name, value) => {
    try {
      return (await openHeaders(id, { [name]: value }, keys))[name] ?? value;
    } catch (error) {
      if (error instanceof SealError) return value;
      throw error;
    }
  });
  return { ...definition, headers: opened };
}

async function mapValues(
  headers: Headers,
  map: (name: string, value: string) => Promise<string>,
): Promise<Headers> {
  const entries = Object.entries(headers).map(
    async ([name, value]) => [name, await map(name, value)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
