/** Specs of checks for tests. */
import type { CheckSpec } from "../../shared/probe/check-spec.ts";

/** A spec of a bare monitor: upgrade and close. */
export function bareSpec(spec: Partial<CheckSpec> & { url: string }): CheckSpec {
  return {
    monitor: "test",
    timeoutMs: 2_000,
    headers: [],
    subprotocols: [],
    origin: null,
    dialogue: [],
    budgets: {},
    transport: null,
    compression: false,
    ...spec,
  };
}
