/** One check by itself, for the command line: with all connections of the invocation to itself. */
import type { CheckAnswer } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { CheckContext } from "./progress.ts";
import { connectionsOf, performCheck } from "./check.ts";
import { ConnectionSlots } from "./connection-slots.ts";

/** Performs one check now. */
export async function performSingleCheck(
  spec: CheckSpec,
  context: CheckContext,
): Promise<CheckAnswer> {
  const lease = await new ConnectionSlots().lease(connectionsOf(spec));
  if (lease === null) throw new Error("the first slots of an invocation are always free");
  const outcome = await performCheck(spec, "apart", context, lease);
  lease.end();
  // With four more slots free, a second connection is always to be had.
  if (outcome.type === "deferred") throw new Error("a single check cannot be deferred");
  const { observation, record } = outcome;
  return record === null ? observation : { ...observation, record };
}
