import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "./mutations.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
/** Worlds in which a bug must show. */
const WORLDS_MAX = 2_000;

/** Plays worlds with a bug planted; status 1: a promise was broken. */
function play(name: string, seed: number, seeds: number) {
  const flags = ["--mutation", name, "--seed", String(seed), "--seeds", String(seeds)];
  return spawnSync(process.execPath, [main, ...flags], { encoding: "utf8", timeout: 280_000 });
}

describe("the simulation", () => {
  it.each(MUTATIONS)("notices that $name", { timeout: 300_000 }, ({ name, seed }) => {
    // The world in which it showed last; after a change of the worlds, whichever comes first.
    const known = play(name, seed, 1);
    const result = known.status === 1 ? known : play(name, 1, WORLDS_MAX);
    expect(result.status, result.stdout + result.stderr).toBe(1);
    expect(result.stderr).toMatch(/^seed \d+: /);
  });
});
