/** What earlier releases stored, as `record.ts` wrote it down. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { splitStatements } from "../../../../workers/local/network/migrations.ts";

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const MIGRATIONS = folder("../../../../migrations");

function sqlFiles(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
}

/** Names of the D1 migrations, oldest first. */
export function migrationNames(): string[] {
  return sqlFiles(MIGRATIONS);
}

/** Statements of a D1 migration. */
export function migrationStatements(name: string): string[] {
  return splitStatements(readFileSync(`${MIGRATIONS}/${name}`, "utf8"));
}

/** Names of what was recorded: of D1 by its newest migration, of the object by its version. */
export function fixtureNames(of: "d1" | "object"): string[] {
  return sqlFiles(folder(of));
}

/** Statements that store again what was recorded. */
export function fixtureStatements(of: "d1" | "object", name: string): string[] {
  return splitStatements(readFileSync(folder(`${of}/${name}`), "utf8"));
}

/** What to do about a version of which nothing was recorded. */
export function recordHint(what: string): string {
  return `${what} has no recorded data: run node test/workers/coordinator/stored/record.ts`;
}
