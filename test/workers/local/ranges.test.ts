/** The list of Cloudflare's ranges: read, checked, sorted, written, and brought up to date. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  CLOUDFLARE_RANGES,
  CLOUDFLARE_RANGES_DAY,
} from "../../../shared/probe/cloudflare-range-list.ts";
import {
  parseRanges,
  renderRangesModule,
  sortRanges,
} from "../../../workers/local/eq/ranges-file.ts";
import { ROOT } from "../../../workers/local/network/environments.ts";
import { freePort, listen } from "../../../workers/local/services/http-server.ts";
import { runCommand } from "../../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "echoquorum-ranges-"));
const out = join(folder, "list.ts");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refresh = (...options: string[]) =>
  runCommand("eq.ts", ["ranges", "refresh", "--out", out, ...options]);

/** A server that publishes lists by path. */
async function publishing(lists: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    const list = lists[request.url ?? ""];
    response.writeHead(list === undefined ? 404 : 200).end(list);
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => server.close() };
}

describe("a list of ranges", () => {
  it("is read line by line, without comments", () => {
    const text = "104.16.0.0/13\r\n\n# old\n2606:4700::/32 # new\n";
    expect(parseRanges(text, "list")).toEqual(["104.16.0.0/13", "2606:4700::/32"]);
  });

  it.each([
    "104.16.0.0",
    "104.16.0.0/33",
    "104.16.0.1/13",
    "104.16.0.0/4",
    "10.0.0.0/8",
    "2606:4700::/129",
    "2606::4700::/32",
    "fc00::/18",
    "2606:4700::1/32",
    "<html>",
    '"],[',
  ])("is refused with %s in it", (line) => {
    expect(() => parseRanges(`104.16.0.0/13\n${line}\n`, "list")).toThrow(
      /^list, line 2: .*public/,
    );
  });

  it("is refused when it is empty", () => {
    expect(() => parseRanges("\n# nothing\n", "list")).toThrow("list holds no ranges");
  });

  it("is sorted by family and address, each range once", () => {
    const ranges = ["2606:4700::/32", "104.24.0.0/14", "2400:cb00::/32", "9.0.0.0/8"];
    expect(sortRanges([...ranges, "104.16.0.0/13", "104.24.0.0/14"])).toEqual([
      "9.0.0.0/8",
      "104.16.0.0/13",
      "104.24.0.0/14",
      "2400:cb00::/32",
      "2606:4700::/32",
    ]);
  });

  it("in the repository is as the command writes it", () => {
    const module = readFileSync(`${ROOT}shared/probe/cloudflare-range-list.ts`, "utf8");
    const ranges = sortRanges(parseRanges(CLOUDFLARE_RANGES.join("\n"), "list"));
    expect(module).toBe(renderRangesModule(ranges, CLOUDFLARE_RANGES_DAY));
  });
});

describe("eq ranges refresh", () => {
  it("fetches both lists, writes them sorted and dated, and says what changed", async () => {
    using server = await publishing({
      "/ips-v4": `${CLOUDFLARE_RANGES.filter((range) => range.includes(".")).join("\n")}\n`,
      "/ips-v6": "2606:4700::/32\n2001:500::/32\n",
    });
    const day = new Date().toISOString().slice(0, 10);
    const { code, stdout, stderr } = await refresh("--from", server.url);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^17 ranges; since \d{4}-\d\d-\d\d:\n\+ 2001:500::\/32\n- 2400:cb00/);
    const module = readFileSync(out, "utf8");
    const [written = ""] = /CLOUDFLARE_RANGES_DAY = "(.*)"/.exec(module)?.slice(1) ?? [];
    expect([day, new Date().toISOString().slice(0, 10)]).toContain(written);
    expect(module.match(/^ {2}".*",$/gm)?.at(-2)).toBe('  "2001:500::/32",');
  });

  it("reads the lists from files", async () => {
    const file = join(folder, "ranges.txt");
    writeFileSync(file, CLOUDFLARE_RANGES.join("\n"));
    const { code, stdout } = await refresh("--file", file);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^22 ranges, the same as on /)]);
  });

  it("leaves everything as it is, and says why, when it cannot", async () => {
    writeFileSync(out, "as it was");
    const file = join(folder, "half.txt");
    writeFileSync(file, "104.16.0.0/13\n");
    using server = await publishing({ "/ips-v4": "<html>captive portal</html>" });
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const rows: Array<[args: string[], complaint: RegExp]> = [
      [
        ["--from", nowhere],
        /could not be read: .*ECONNREFUSED.*\nWithout the internet, save.*--file/,
      ],
      [
        ["--from", server.url],
        /ips-v[46](, line 1: .*not a public range| could not be read: it answ)/,
      ],
      [["--from", "cloudflare"], /--from expects a URL/],
      [["--file", join(folder, "none.txt")], /could not be read: ENOENT/],
      [["--file", file], /no IPv6 ranges: give both lists/],
      [["again"], /Expected refresh/],
    ];
    for (const [args, complaint] of rows) {
      const { code, stdout, stderr } = await refresh(...args);
      expect([code, stdout], args.join(" ")).toEqual([3, ""]);
      expect(stderr).toMatch(complaint);
    }
    expect(readFileSync(out, "utf8")).toBe("as it was");
  });
});
