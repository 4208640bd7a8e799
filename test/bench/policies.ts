/**
 * `npm run bench -- policies`: Echoquorum's judgement and the rules of others on one seeded trace of
 * faults, in virtual time. The same seed and hours print the same table.
 *
 * What is compared are rules for telling that a target is down, not products: all get the same
 * checks, four staggered regions at a minute's interval, and nothing that products do within a check.
 */
import { parseArgs } from "node:util";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { Rule } from "./policies/court.ts";
import { judge } from "./policies/court.ts";
import { OWN } from "./policies/echoquorum.ts";
import type { Comparison, Result } from "./policies/report.ts";
import { renderComparison } from "./policies/report.ts";
import { OTHERS } from "./policies/rules.ts";
import { score } from "./policies/score.ts";
import { drawFaults, HOUR_MS, Trace, TRACE_START_MS } from "./policies/trace.ts";

const USAGE = `npm run bench -- policies [options]: rules for alerting, compared on the same faults

  --hours <n>   hours to simulate (10000); 10000 take about a minute
  --seed <n>    seed of the faults (1)
  --help        this text`;

/** Runs the benchmark. */
export async function benchPolicies(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  console.log(renderComparison(compare(options.seed, options.hours, tellProgress)));
}

/** Has all rules judge the same trace. */
export function compare(
  seed: number,
  hours: number,
  progress: (rule: Rule) => void = () => undefined,
): Comparison {
  const truth = drawFaults(seed, hours);
  const trace = new Trace(seed, truth);
  const window = { fromMs: TRACE_START_MS, toMs: TRACE_START_MS + hours * HOUR_MS };
  const resultOf = (rule: Rule): Result => {
    progress(rule);
    return { rule, score: score(truth, judge(rule, trace, window)) };
  };
  return { seed, hours, truth, own: OWN.map(resultOf), others: OTHERS.map(resultOf) };
}

function parseOptions(args: string[]): { hours: number; seed: number } | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        hours: { type: "string", default: "10000" },
        seed: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    return { hours: whole("--hours", values.hours, 1), seed: whole("--seed", values.seed, 0) };
  } catch (error) {
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

/** Says on a terminal how far it has come; the table stays clean where it is piped. */
function tellProgress(rule: Rule): void {
  process.stderr.write(`${rule.name} …\n`);
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw new Complaint(`${option} takes a whole number, ${least} or more.`);
}
