/**
 * What the README says that can be checked by reading: the table of reasons, the commands, the links.
 * `UPDATE_README=1 npm test -- test/readme.test.ts` writes the table anew.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderReasonTable } from "../shared/probe/reason-table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = `${root}README.md`;
const START = "<!-- reasons: generated -->";
const END = "<!-- /reasons -->";

/** Tables with cells of any width: prettier pads them. */
function squeeze(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replaceAll(/\s*\|\s*/g, "|").replaceAll(/-{3,}/g, "---"))
    .join("\n")
    .trim();
}

function between(text: string): string {
  return text.slice(text.indexOf(START) + START.length, text.indexOf(END));
}

describe("the README", () => {
  it("shows the table of reasons as the code has it", () => {
    const readme = readFileSync(path, "utf8");
    expect(readme).toContain(START);
    if (process.env["UPDATE_README"] === "1") {
      const table = `${START}\n\n${renderReasonTable()}\n\n${END}`;
      writeFileSync(
        path,
        readme.replace(`${START}${between(readme)}${END}`, () => table),
      );
    }
    expect(squeeze(between(readFileSync(path, "utf8")))).toBe(squeeze(renderReasonTable()));
  });

  it("names only npm scripts that exist", () => {
    const readme = readFileSync(path, "utf8");
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  });

  it("links only to files that are in the repository", () => {
    const readme = readFileSync(path, "utf8");
    const targets = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) => to ?? "");
    expect(targets.filter((to) => !existsSync(root + to))).toEqual([]);
  });
});
