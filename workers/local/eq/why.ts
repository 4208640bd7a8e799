/**
 * `eq why INCIDENT`: why each channel was told of an incident, or was not, stage by stage.
 */
import type { NetworkOptions } from "./network-options.ts";
import { NETWORK_OPTIONS_USAGE, parseNetworkOptions, request } from "./network-options.ts";

/** Help of the command. */
export const WHY_USAGE = `Usage: npm run --silent eq -- why INCIDENT [options]

${NETWORK_OPTIONS_USAGE}

INCIDENT is an id as alerts, the page and GET /api/v1/incidents show it.`;

/** What the API says of one decision, as far as it is printed. */
interface Decision {
  at: string;
  transition: string;
  channel: string;
  alert: string | null;
  delivery: string | null;
  steps: ReadonlyArray<{ stage: string; passed: boolean; why: string }>;
}

/** Runs the command; returns its exit code. */
export async function runWhy(args: readonly string[], cwd: string): Promise<number> {
  const options = parseNetworkOptions(args, cwd, WHY_USAGE, "incident");
  if (options === null) {
    console.log(WHY_USAGE);
    return 0;
  }
  const decisions = await ask(options);
  console.log(decisions.length === 0 ? "Nothing was decided yet." : renderDecisions(decisions));
  return 0;
}

async function ask(options: NetworkOptions): Promise<Decision[]> {
  const path = `api/v1/incidents/${encodeURIComponent(options.named)}/decisions`;
  const response = await request(options, "GET", path);
  return (await response.json()) as Decision[];
}

/** The decisions in words: one paragraph each, the stage that decided last. */
export function renderDecisions(decisions: readonly Decision[]): string {
  return decisions
    .map(({ at, channel, alert, delivery, steps }) => {
      const told = alert === null ? "told nothing" : `${alert}, in ${delivery}`;
      const stages = steps.map(
        ({ stage, passed, why }) => `  ${passed ? "✓" : "✗"} ${stage}: ${why}`,
      );
      return [`${at}  ${channel}: ${told}`, ...stages].join("\n");
    })
    .join("\n\n");
}
