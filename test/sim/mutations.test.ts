import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MUTATIONS, WORLDS_MAX } from "./mutations.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const root = new URL("../../", import.meta.url);

describe("the simulation", () => {
  it.each(MUTATIONS)(
    "notices that $name",
    { timeout: 60_000 },
    ({ name, seed, coordinators = 1 }) => {
      expect(seed).toBeLessThanOrEqual(WORLDS_MAX);
      const world = [
        "--seed",
        String(seed),
        "--seeds",
        "1",
        "--coordinators",
        String(coordinators),
      ];
      const flags = ["--mutation", name, ...world];
      const played = spawnSync(process.execPath, [main, ...flags], { encoding: "utf8" });
      // After a change of the worlds it shows in others: `npm run sim -- --mutations` finds them.
      expect(played.status, played.stdout + played.stderr).toBe(1);
      expect(played.stderr).toMatch(/^seed \d+: /);
    },
  );
});

describe("the list of deliberate bugs", () => {
  it.each(MUTATIONS)("quotes the product: $name", ({ file, find }) => {
    expect(readFileSync(new URL(file, root), "utf8").split(find)).toHaveLength(2);
  });

  it("names each bug once", () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });
});
