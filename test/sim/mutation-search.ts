/** For every deliberate bug, the first world in which the simulation notices it. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Mutation } from "./mutations.ts";
import { MUTATIONS, WORLDS_MAX } from "./mutations.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** Plays worlds with a bug planted, and returns the first that broke a promise; null: none did. */
async function search(
  { name, coordinators = 1 }: Mutation,
  first: number,
  count: number,
): Promise<number | null> {
  const worlds = ["--seed", String(first), "--seeds", String(count)];
  const flags = ["--mutation", name, "--coordinators", String(coordinators), ...worlds];
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  const broken = /^seed (\d+): /.exec(complaint);
  if (broken === null && complaint !== "") throw new Error(complaint);
  return broken === null ? null : Number(broken[1]);
}

/**
 * Prints where each bug shows first, and which of the list's worlds show it no more; returns the
 * exit status, 1 where a bug is not noticed at all.
 *
 * @param jobs processes at a time, 1 or more
 * @param again whether all are searched for from the first world on, and not only those whose world
 *   shows them no more
 */
export async function searchMutations(jobs: number, again: boolean): Promise<number> {
  const waiting = [...MUTATIONS];
  let status = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, seed } = next;
      const known = again ? null : await search(next, seed, 1);
      const found = known ?? (await search(next, 1, WORLDS_MAX));
      if (found === null) status = 1;
      const note = found === seed ? "" : `  (the list says ${seed})`;
      console.log(`${String(found ?? "none").padStart(5)}  ${name}${note}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return status;
}
