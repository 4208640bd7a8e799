/** Regions in wrangler.toml: added and removed without a trace, comments intact. */
import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { REGIONS } from "../../../shared/regions.ts";
import {
  renderCronNote,
  renderOutcome,
  renderRegionList,
  runRegion,
} from "../../../workers/local/eq/region.ts";
import {
  addRegion,
  countShards,
  probeRegions,
  removeRegion,
} from "../../../workers/local/eq/region-file.ts";
import {
  WRANGLER_TOML,
  parseWranglerToml,
  requireShards,
} from "../../../workers/local/network/environments.ts";

const repository = readFileSync(WRANGLER_TOML, "utf8");
/** As the repository ships it, whatever a developer did to the file. */
const shipped = ["us-east", "sa-east", "eu-central", "ap-southeast"];
const text = REGIONS.reduce(
  (edited, { id }) =>
    shipped.includes(id) ? addRegion(edited, id, 1).text : removeRegion(edited, id).text,
  repository,
);
const others = REGIONS.map(({ id }) => id).filter((id) => !shipped.includes(id));

const comments = (file: string) => file.split("\n").filter((line) => line.startsWith("#"));

describe("adding a region", () => {
  it("adds a probe with its placement and the coordinator's binding to it", () => {
    const { text: edited, changed } = addRegion(text, "oceania");
    expect(changed).toBe(true);
    const file = parse(edited) as unknown as {
      env: Record<string, Record<string, unknown>>;
    };
    expect(file.env["probe-oceania"]).toEqual({
      name: "echoquorum-probe-oceania",
      placement: { region: "aws:ap-southeast-2" },
      services: [{ binding: "SELF", service: "echoquorum-probe-oceania" }],
      d1_databases: [{ binding: "DB", database_name: "echoquorum" }],
      vars: { ...(file.env["probe-us-east"]?.["vars"] as object), REGION: "oceania" },
    });
    expect(file.env["coordinator"]?.["services"]).toContainEqual({
      binding: "PROBE_OCEANIA",
      service: "echoquorum-probe-oceania",
    });
  });

  it("keeps the catalogue's order and every other line", () => {
    const edited = addRegion(text, "eu-west").text;
    expect(probeRegions(edited)).toEqual([
      "us-east",
      "sa-east",
      "eu-west",
      "eu-central",
      "ap-southeast",
    ]);
    const added = edited.split("\n").filter((line) => /eu.west/i.test(line));
    const rest = edited.split("\n");
    for (const line of text.split("\n")) expect(rest).toContain(line);
    expect(added.length).toBeGreaterThan(4);
  });

  it("gives a new probe the variables that the others have", () => {
    const changed = text.replaceAll(
      /^DNS_RESOLVERS = .*$/gm,
      'DNS_RESOLVERS = "https://dns.example/dns-query"',
    );
    const edited = addRegion(changed, "us-west").text;
    expect(edited).not.toContain("cloudflare-dns.com");
  });

  it("changes nothing the second time", () => {
    const once = addRegion(text, "me-central").text;
    expect(addRegion(once, "me-central")).toEqual({ text: once, changed: false });
  });

  it("refuses a region that the catalogue does not know, and names those it does", () => {
    expect(() => addRegion(text, "mars")).toThrow(/no region "mars".*us-east, us-west/);
  });

  it("leaves a file alone that is laid out otherwise", () => {
    const inline = text.replace(/services = \[\n[\s\S]*?\n\]/, (services) =>
      services.replaceAll("\n", " "),
    );
    expect(() => addRegion(inline, "us-west")).toThrow(/edit it by hand/);
  });
});

describe("removing a region", () => {
  it.each(others)("undoes the addition of %s byte for byte", (region) => {
    expect(removeRegion(addRegion(text, region).text, region).text).toBe(text);
  });

  it.each(shipped)("can be undone for %s byte for byte", (region) => {
    expect(addRegion(removeRegion(text, region).text, region).text).toBe(text);
  });

  it("survives all regions added and removed in any order", () => {
    const all = others.reduce((edited, region) => addRegion(edited, region).text, text);
    expect(probeRegions(all)).toEqual(REGIONS.map(({ id }) => id));
    const back = others.toReversed().reduce((edited, id) => removeRegion(edited, id).text, all);
    expect(back).toBe(text);
  });

  it("keeps every comment", () => {
    for (const region of shipped) {
      expect(comments(removeRegion(text, region).text)).toEqual(comments(text));
    }
  });

  it("changes nothing for a region that is not there", () => {
    expect(removeRegion(text, "oceania")).toEqual({ text, changed: false });
  });

  it("refuses to remove the last one", () => {
    const last = shipped.slice(1).reduce((edited, id) => removeRegion(edited, id).text, text);
    expect(() => removeRegion(last, "us-east")).toThrow(/last region/);
  });
});

interface Probe {
  name: string;
  services: Array<{ binding: string; service: string }>;
  vars: Record<string, string>;
}
const probe = (file: string, name: string) =>
  (parse(file) as unknown as { env: Record<string, Probe> }).env[`probe-${name}`];
const bound = (file: string) =>
  (parse(file) as unknown as { env: { coordinator: Probe } }).env.coordinator.services.map(
    ({ binding, service }) => `${binding} ${service}`,
  );

const outcome = (before: string, after: string) => renderOutcome("eu-central", before, after);
const check = (file: string) => requireShards(parseWranglerToml(file).environments);
const regions = (...shards: number[]) =>
  new Map(shards.map((count, index) => [REGIONS[index]?.id ?? "", count]));

function withNumber(value: string): string {
  const vars = "[env.coordinator.vars]";
  return text.replace(vars, `${vars}\nCOORDINATOR_SHARDS = ${value}`);
}

describe("the number of coordinators", () => {
  it("is a number in a text", () => {
    expect(parseWranglerToml(withNumber('"16"')).environments.length).toBeGreaterThan(1);
  });

  it.each(["2", '"0"', '"many"', '"17"'])("is not %s", (value) => {
    expect(() => parseWranglerToml(withNumber(value))).toThrow(
      /^wrangler.toml: \[env.coordinator.vars\] COORDINATOR_SHARDS should be .* from 1 to 16/,
    );
  });
});

describe("dividing a region", () => {
  const divided = addRegion(text, "eu-central", 3).text;

  it("makes copies of its probe, each with its SHARD and its binding", () => {
    const whole = probe(text, "eu-central");
    expect(probe(divided, "eu-central")).toEqual({
      ...whole,
      vars: { ...whole?.vars, SHARD: "1/3" },
    });
    for (const number of [2, 3]) {
      const name = `echoquorum-probe-eu-central-${number}`;
      expect(probe(divided, `eu-central-${number}`)).toEqual({
        ...whole,
        name,
        services: [{ binding: "SELF", service: name }],
        vars: { ...whole?.vars, SHARD: `${number}/3` },
      });
    }
    expect(bound(divided)).toEqual([
      "PROBE_US_EAST echoquorum-probe-us-east",
      "PROBE_SA_EAST echoquorum-probe-sa-east",
      "PROBE_EU_CENTRAL echoquorum-probe-eu-central",
      "PROBE_EU_CENTRAL_2 echoquorum-probe-eu-central-2",
      "PROBE_EU_CENTRAL_3 echoquorum-probe-eu-central-3",
      "PROBE_AP_SOUTHEAST echoquorum-probe-ap-southeast",
    ]);
    expect(countShards(divided)).toEqual(
      new Map(shipped.map((id) => [id, id === "eu-central" ? 3 : 1])),
    );
  });

  it.each(shipped)("is undone for %s byte for byte, whatever it was before", (region) => {
    const four = addRegion(text, region, 4).text;
    const two = addRegion(four, region, 2).text;
    expect(two).toBe(addRegion(text, region, 2).text);
    expect(addRegion(two, region, 4).text).toBe(four);
    expect(addRegion(two, region, 1).text).toBe(text);
    expect(comments(four)).toEqual(comments(text));
  });

  it("changes nothing the second time, nor when no number is said", () => {
    expect(addRegion(divided, "eu-central", 3)).toEqual({ text: divided, changed: false });
    expect(addRegion(divided, "eu-central")).toEqual({ text: divided, changed: false });
  });

  it("begins with a new region too, and leaves with it", () => {
    const added = addRegion(text, "oceania", 2).text;
    expect(countShards(added).get("oceania")).toBe(2);
    expect(added).toBe(addRegion(addRegion(text, "oceania").text, "oceania", 2).text);
    expect(removeRegion(added, "oceania").text).toBe(text);
    expect(removeRegion(divided, "eu-central").text).toBe(removeRegion(text, "eu-central").text);
  });

  it("does not make a new region's probe a part, beside whichever it is put", () => {
    const last = addRegion(text, "ap-southeast", 2).text;
    for (const [file, region] of [
      [divided, "eu-west"],
      [divided, "me-central"],
      [last, "oceania"],
    ] as const) {
      const added = addRegion(file, region).text;
      expect(probe(added, region)?.vars).not.toHaveProperty("SHARD");
      expect(removeRegion(added, region).text).toBe(file);
    }
  });

  it("says what was done, and which Workers are left over", () => {
    expect(outcome(text, divided)).toContain("has 3 shards in wrangler.toml now");
    expect(outcome(divided, divided)).toContain("already, in 3 shards; nothing was changed");
    const fewer = outcome(divided, addRegion(divided, "eu-central", 1).text);
    expect(fewer).toContain("npx wrangler delete --name echoquorum-probe-eu-central-2\n");
    expect(fewer).toMatch(/npx wrangler delete --name echoquorum-probe-eu-central-3$/);
    expect(fewer).not.toMatch(/--name echoquorum-probe-eu-central$/m);
  });

  it.each([
    [["add", "eu-central", "--shards", "0"], /whole number of 1 … 99/],
    [["add", "eu-central", "--shards", "100"], /whole number of 1 … 99/],
    [["add", "eu-central", "--shards", "two"], /whole number of 1 … 99/],
    [["remove", "eu-central", "--shards", "2"], /--shards goes with add/],
    [["add", "eu-central", "--parts", "2"], /--parts/],
  ])("refuses %j", (args, message) => {
    expect(() => runRegion(args)).toThrow(message);
  });

  it("is checked before a network is started or deployed", () => {
    expect(() => check(divided)).not.toThrow();
    expect(() => check(divided.replace('SHARD = "2/3"', 'SHARD = "2/2"'))).toThrow(
      /\[env\.probe-eu-central-2\.vars\] should say SHARD = "2\/3"/,
    );
    expect(() => check(divided.replace('SHARD = "1/3"\n', ""))).toThrow(/SHARD = "1\/3"/);
    const gap = divided.replaceAll("eu-central-2", "eu-central-4");
    expect(() => check(gap)).toThrow(/one of 3, but is numbered 4.*--shards 3/s);
  });
});

describe("the list of regions", () => {
  it("marks those in use", () => {
    const inUse = new Map([
      ["eu-central", 1],
      ["us-east", 2],
    ]);
    const lines = renderRegionList(inUse).split("\n");
    expect(lines).toHaveLength(REGIONS.length);
    expect(lines.filter((line) => line.startsWith("●"))).toEqual([
      expect.stringMatching(/US East \(Virginia\).*2 shards$/),
      expect.stringMatching(/Europe \(Frankfurt\).*aws:eu-central-1$/),
    ]);
  });

  it("warns when the free plan's crons do not suffice, shards counted", () => {
    expect(renderCronNote(regions(1, 1, 1, 1))).toBe(
      "4 regions and the coordinator use 5 of the free plan's 5 crons.",
    );
    expect(renderCronNote(regions(1, 1, 1, 1, 1))).toContain("needs the paid plan");
    expect(renderCronNote(regions(1, 4))).toMatch(
      /^Warning: 2 regions with 5 probes and the coordinator need 6 crons: /,
    );
  });
});
