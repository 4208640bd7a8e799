/** The order of a deployment. */
import { describe, expect, it } from "vitest";
import { planDeploy } from "../../../workers/local/deploy-plan.ts";
import { parseWranglerToml } from "../../../workers/local/network/environments.ts";

const { environments } = parseWranglerToml(`
name = "eq"
compatibility_date = "2026-11-01"
[env.coordinator]
[env.probe-a]
[env.probe-b]
name = "another-name"
`);

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

describe("wrangler.toml", () => {
  it("gives each environment its Worker's name and region", () => {
    expect(environments).toEqual([
      { environment: "coordinator", name: "eq-coordinator", region: null },
      { environment: "probe-a", name: "eq-probe-a", region: "a" },
      { environment: "probe-b", name: "another-name", region: "b" },
    ]);
  });

  it.each([
    ["[env", /wrangler\.toml cannot be read/],
    ["[env.probe-a]", /no \[env\.coordinator\]/],
    ["[env.coordinator]", /no probe: add one/],
  ])("complains about %j", (text, message) => {
    expect(() => parseWranglerToml(text)).toThrow(message);
  });
});
