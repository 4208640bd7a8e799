/** The order of a deployment. */
import { describe, expect, it } from "vitest";
import { WHOLE } from "../../../shared/monitor/shard.ts";
import { deployOrder, planDeploy } from "../../../workers/local/deploy-plan.ts";
import { parseWranglerToml, regionsOf } from "../../../workers/local/network/environments.ts";

const { environments } = parseWranglerToml(`
name = "eq"
compatibility_date = "2026-11-01"
[env.coordinator]
[env.probe-a]
[env.probe-b]
name = "another-name"
`);

const DIVIDED = `
name = "eq"
[env.coordinator]
[env.probe-a.vars]
SHARD = "1/2"
[env.probe-a-2.vars]
SHARD = "2/2"
[env.probe-b.vars]
SHARD = "half"
`;

const order = (databaseExists: boolean) =>
  planDeploy(environments, databaseExists).map((step) =>
    step.kind === "worker" ? step.environment : "migrations",
  );

describe("a deployment", () => {
  it("lets the first probe make the database, then migrates before anything else", () => {
    expect(order(false)).toEqual(["probe-a", "migrations", "probe-b", "coordinator"]);
  });

  it("migrates a database that exists before any Worker relies on it", () => {
    expect(order(true)).toEqual(["migrations", "probe-a", "probe-b", "coordinator"]);
  });
});

describe("a deployment of a divided region", () => {
  it("puts the further shards in place before the first leaves them its monitors", () => {
    expect(deployOrder(parseWranglerToml(DIVIDED).environments)).toEqual([
      "probe-a-2",
      "probe-a",
      "probe-b",
      "coordinator",
    ]);
  });
});

describe("wrangler.toml", () => {
  it("gives each environment its Worker's name and region", () => {
    expect(environments).toEqual([
      { environment: "coordinator", name: "eq-coordinator", region: null, shard: WHOLE },
      { environment: "probe-a", name: "eq-probe-a", region: "a", shard: WHOLE },
      { environment: "probe-b", name: "another-name", region: "b", shard: WHOLE },
    ]);
  });

  it("tells the shards of a region apart, and a SHARD that is none", () => {
    const probes = parseWranglerToml(DIVIDED).environments.slice(1);
    expect(probes.map(({ region, shard }) => [region, shard])).toEqual([
      ["a", { index: 0, count: 2 }],
      ["a", { index: 1, count: 2 }],
      ["b", null],
    ]);
    expect(regionsOf(probes)).toEqual(["a", "b"]);
  });

  it.each([
    ["[env", /wrangler\.toml cannot be read/],
    ["[env.probe-a]", /no \[env\.coordinator\]/],
    ["[env.coordinator]", /no probe: add one/],
  ])("complains about %j", (text, message) => {
    expect(() => parseWranglerToml(text)).toThrow(message);
  });
});
