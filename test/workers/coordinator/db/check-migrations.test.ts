/** The migration check: passes on the repository as it is, fails when either side has drifted. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const DATABASE = "workers/coordinator/db";

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "echoquorum-drift-"));
  mkdirSync(join(copy, DATABASE), { recursive: true });
  cpSync(join(root, "migrations"), join(copy, "migrations"), { recursive: true });
  for (const file of ["schema.ts", "drizzle.config.ts", "check-migrations.ts"]) {
    cpSync(join(root, DATABASE, file), join(copy, DATABASE, file));
  }
  writeFileSync(join(copy, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});
afterEach(() => rmSync(copy, { recursive: true }));

function check() {
  const script = join(copy, DATABASE, "check-migrations.ts");
  return spawnSync(process.execPath, [script], { cwd: copy, encoding: "utf8" });
}

function edit(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

it("passes while schema and migrations agree", () => {
  expect(check()).toMatchObject({ status: 0, stdout: "migrations match the schema\n" });
});

it("fails with the missing statement when the schema has a column more", () => {
  const column = 'colo: text("colo"),';
  edit(`${DATABASE}/schema.ts`, column, `${column} extra: text("extra"),`);
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain("ALTER TABLE `runs` ADD `extra` text");
});

it("fails when the log would have a rowid", () => {
  edit("migrations/0000_network.sql", ") WITHOUT ROWID;", ");");
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain("is not WITHOUT ROWID");
});

it("fails when drizzle-kit itself cannot run", () => {
  rmSync(join(copy, "migrations/meta/_journal.json"));
  writeFileSync(join(copy, `${DATABASE}/schema.ts`), "export const broken = (;");
  expect(check().status).not.toBe(0);
});
