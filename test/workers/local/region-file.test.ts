/** Regions in wrangler.toml: added and removed without a trace, comments intact. */
import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { REGIONS } from "../../../shared/regions.ts";
import { renderCronNote, renderRegionList } from "../../../workers/local/eq/region.ts";
import { addRegion, probeRegions, removeRegion } from "../../../workers/local/eq/region-file.ts";
import { WRANGLER_TOML } from "../../../workers/local/network/environments.ts";

const repository = readFileSync(WRANGLER_TOML, "utf8");
/** As the repository ships it, whatever a developer did to the file. */
const shipped = ["us-east", "sa-east", "eu-central", "ap-southeast"];
const text = REGIONS.reduce(
  (edited, { id }) =>
    shipped.includes(id) ? addRegion(edited, id).text : removeRegion(edited, id).text,
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

describe("the list of regions", () => {
  it("marks those in use", () => {
    const lines = renderRegionList(["eu-central"]).split("\n");
    expect(lines).toHaveLength(REGIONS.length);
    expect(lines.filter((line) => line.startsWith("●"))).toEqual([
      expect.stringContaining("Europe (Frankfurt)"),
    ]);
  });

  it("says when the free plan's crons are used up", () => {
    expect(renderCronNote(4)).toContain("use 5 of the free plan's 5 crons");
    expect(renderCronNote(5)).toContain("needs the paid plan");
  });
});
