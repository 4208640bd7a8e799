/**
 * Style as a test: import directions, purity of the core, sizes, names, the agreed layout.
 * It reads the files that git knows; it runs none of them.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE_LINES_MAX = 500;
const LINE_COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(root + path));
const sources = tracked
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
  .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
const product = sources.filter(({ path }) => /^(shared|workers)\//.test(path));
const core = sources.filter(({ path }) => path.startsWith("shared/"));

/** Source text without comments and string contents, so that prose cannot match as code. */
function code(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "))
    .replaceAll(/(^|\s)\/\/[^\n]*/g, "$1")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

/** Modules that a file imports: paths of this repository, or names of packages. */
function imports(path: string, text: string): string[] {
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\b[^;"']*?\bfrom\s+"([^"]+)"/gm),
    ...text.matchAll(/^\s*import\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g),
  ].map(([, specifier]) => specifier ?? "");
  return specifiers.map((specifier) =>
    specifier.startsWith(".")
      ? posix.normalize(posix.join(posix.dirname(path), specifier))
      : specifier,
  );
}

/** What a folder may import, as prefixes; the folder itself is always allowed. */
const ALLOWED: ReadonlyArray<readonly [folder: string, allowed: readonly string[]]> = [
  ["shared/websocket/", ["@noble/hashes/", "pako"]],
  ["shared/probe/", ["shared/websocket/", "shared/version.ts", "shared/regions.ts", "zod"]],
  ["shared/monitor/", ["shared/probe/", "shared/duration.ts", "shared/regions.ts", "zod"]],
  [
    "shared/alert/",
    [
      "shared/monitor/",
      "shared/probe/reason.ts",
      "shared/probe/observation.ts",
      "shared/probe/companion.ts",
      "shared/duration.ts",
      "shared/regions.ts",
      "zod",
    ],
  ],
];

/** Tools that run in Node although they live beside a Worker's code. */
const isTool = (path: string) => /\/(drizzle\.config|check-migrations)\.ts$/.test(path);

describe("import directions", () => {
  it.each(ALLOWED)("%s imports nothing above it", (folder, allowed) => {
    const violations = core
      .filter(({ path }) => path.startsWith(folder))
      .flatMap(({ path, text }) =>
        imports(path, text)
          .filter((target) => ![folder, ...allowed].some((prefix) => target.startsWith(prefix)))
          .map((target) => `${path} imports ${target}`),
      );
    expect(violations).toEqual([]);
  });

  it.each([
    ["shared/", /^(workers\/|node:|cloudflare:)/],
    ["workers/probe/", /^(workers\/(coordinator|local)\/|drizzle-orm)/],
    ["workers/coordinator/", /^workers\/(probe|local)\//],
  ])("%s imports nothing that matches %s", (folder, forbidden) => {
    const violations = product
      .filter(({ path }) => path.startsWith(folder) && !isTool(path))
      .flatMap(({ path, text }) =>
        imports(path, text)
          .filter((target) => forbidden.test(target))
          .map((target) => `${path} imports ${target}`),
      );
    expect(violations).toEqual([]);
  });

  it("lets no test be imported by the product", () => {
    const violations = product.filter(({ path, text }) =>
      imports(path, text).some((target) => target.startsWith("test/")),
    );
    expect(violations.map(({ path }) => path)).toEqual([]);
  });
});

describe("the pure core", () => {
  const BANNED: ReadonlyArray<readonly [name: string, pattern: RegExp]> = [
    ["a clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\./],
    ["randomness", /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b/],
    ["the network", /(?<![.\w])fetch\(|\bnew WebSocket\b|\bXMLHttpRequest\b/],
    ["timers", /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
    ["the environment", /\bprocess\.|\bnavigator\./],
    ["the console", /\bconsole\./],
  ];
  it.each(BANNED)("uses no %s", (_name, pattern) => {
    const users = core.filter(({ text }) => pattern.test(code(text))).map(({ path }) => path);
    expect(users).toEqual([]);
  });
});

describe("sizes", () => {
  it(`keeps files under ${FILE_LINES_MAX} lines`, () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
      .filter(({ lines }) => lines > FILE_LINES_MAX);
    expect(long).toEqual([]);
  });

  it(`keeps lines within ${LINE_COLUMNS_MAX} columns`, () => {
    const long = product.flatMap(({ path, text }) =>
      text
        .split("\n")
        .map((line, index) => ({ place: `${path}:${index + 1}`, columns: line.length }))
        .filter(({ columns }) => columns > LINE_COLUMNS_MAX),
    );
    // A string that cannot be broken (a URL, a hash) may be longer; prettier breaks the rest.
    expect(long.filter(({ columns }) => columns > LINE_COLUMNS_MAX + 40)).toEqual([]);
  });

  it(`keeps functions under ${FUNCTION_LINES_MAX} lines`, () => {
    const long: string[] = [];
    for (const { path, text } of product) {
      const lines = text.split("\n");
      for (const [index, line] of lines.entries()) {
        const opening = /^(\s*)(?:export )?(?:default )?(?:async )?function\*? (\w+)/.exec(line);
        if (opening === null) continue;
        const end = lines.findIndex((other, at) => at > index && other === `${opening[1]}}`);
        if (end - index + 1 > FUNCTION_LINES_MAX) long.push(`${path}: ${opening[2]}`);
      }
    }
    expect(long).toEqual([]);
  });
});

describe("names and layout", () => {
  it("calls no file utils, helpers, common or types", () => {
    const vague = /(^|\/)(utils?|helpers?|common|types|misc)(\.|\/)/;
    expect(sources.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  it("names files in kebab-case", () => {
    const odd = sources.filter(
      ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(posix.basename(path)),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("begins each module with what it is responsible for", () => {
    const bare = product.filter(({ text }) => !/^(#!.*\n)?(\/\*\* @jsx.*\n)?\/\*\*/.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it("keeps the agreed entries at the top level", () => {
    const agreed = new Set([
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "wrangler.toml",
      "README.md",
      "LICENSE",
      "workers",
      "shared",
      "migrations",
      "test",
    ]);
    const top = new Set(tracked.map((path) => path.split("/")[0] ?? ""));
    expect([...top].filter((entry) => !entry.startsWith(".") && !agreed.has(entry))).toEqual([]);
  });

  it("leaves no unfinished business in the source", () => {
    const marker = /\b(TO[D]O|FIX[M]E|X[X]X)\b/;
    const unfinished = sources.filter(({ text }) => marker.test(text)).map(({ path }) => path);
    expect(unfinished).toEqual([]);
  });

  it("skips and singles out no test", () => {
    const pattern = /\b(it|test|describe)\.(skip|only|todo|fails|skipIf|runIf)\b/;
    const offenders = sources.filter(
      ({ path, text }) => path.startsWith("test/") && pattern.test(code(text)),
    );
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it("locks the optional packages of every platform, so that `npm ci` works on each", () => {
    const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const locked = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
    const missing = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !locked.has(name)),
    );
    expect(missing).toEqual([]);
  });
});
