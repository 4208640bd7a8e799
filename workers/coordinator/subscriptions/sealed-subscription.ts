/**
 * Subscriptions at rest and on their way: the address sealed in the database, found again by a keyed
 * digest. In a backup it lies open, as channels do, so that another network can seal it with a key of
 * its own. Logs nothing.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { Sealed, SealingKeys } from "../../sealing.ts";
import { SealError, isSealed } from "../../sealing.ts";
import type {
  StoredSubscription,
  Subscription,
  SubscriptionKind,
  SubscriptionTarget,
} from "./subscription.ts";
import { canonicalAddress } from "./subscription.ts";

type Row = BackupRow["row"];

const ownerOf = (id: string) => `subscription/${id}`;

/**
 * Seals what is secret of a subscription.
 *
 * @throws SealError without a usable key
 */
export function sealTarget(
  id: string,
  target: SubscriptionTarget,
  keys: SealingKeys,
): Promise<Sealed> {
  return keys.seal(JSON.stringify(target), ownerOf(id));
}

/**
 * Opens a subscription.
 *
 * @throws SealError when no key opens it, or it has ended
 */
export async function openSubscription(
  stored: StoredSubscription,
  keys: SealingKeys,
): Promise<Subscription> {
  const { id, target } = stored;
  if (!isSealed(target)) throw new SealError("there is no address in it");
  return { ...stored, target: JSON.parse(await keys.open(target, ownerOf(id))) };
}

/**
 * Digests by which an address is found on a page, one per key, that of the newest first.
 *
 * @throws SealError with a key that is none
 */
export function digestsOf(
  { kind, page, address }: { kind: SubscriptionKind; page: string; address: string },
  keys: SealingKeys,
): Promise<string[]> {
  return keys.digests(`subscription/${page}/${kind}/${canonicalAddress(kind, address)}`);
}

/** A row of D1 as it lies in a backup; one whose key is lost stays as it is. */
export async function openSubscriptionRow(row: Row, keys: SealingKeys): Promise<Row> {
  const sealed: unknown = JSON.parse(String(row["target"]));
  if (!isSealed(sealed)) return row;
  try {
    const target = await keys.open(sealed, ownerOf(String(row["id"])));
    return { ...row, target };
  } catch (error) {
    if (error instanceof SealError) return row;
    throw error;
  }
}

/**
 * A row of a backup as it is stored, its digest by this network's key.
 *
 * @throws SealError without a usable key
 */
export async function sealSubscriptionRow(row: Row, keys: SealingKeys): Promise<Row> {
  const target = JSON.parse(String(row["target"])) as SubscriptionTarget | Sealed | null;
  if (target === null || isSealed(target)) return row;
  const { address } = target;
  const page = String(row["page"]);
  const kind = row["kind"] as SubscriptionKind;
  const [digest = null] = await digestsOf({ kind, page, address }, keys);
  const sealed = await sealTarget(String(row["id"]), target, keys);
  return { ...row, target: JSON.stringify(sealed), digest };
}
