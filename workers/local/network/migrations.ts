/**
 * Applies `migrations/*.sql` to the local D1 database, as `wrangler d1 migrations apply` would.
 *
 * Each file is one transaction together with its entry in wrangler's own table, so a file is applied
 * once and wholly, whichever of the two applies it.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Complaint, errorText } from "../complaint.ts";
import { ROOT } from "./environments.ts";

/** What is needed of a D1 database. */
export interface MigratedDatabase {
  prepare(sql: string): {
    bind(...values: unknown[]): MigratedStatement;
    all(): Promise<{ results: unknown[] }>;
    run(): Promise<unknown>;
  };
  batch(statements: MigratedStatement[]): Promise<unknown>;
}
type MigratedStatement = unknown;

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;
/** drizzle-kit writes this between statements. */
const BREAKPOINT = "--> statement-breakpoint";

/** Statements of a migration file, in order. */
export function splitStatements(sql: string): string[] {
  return sql
    .split(BREAKPOINT)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/**
 * Applies what has not been applied yet.
 *
 * @returns names of the files that were applied now
 */
export async function applyMigrations(
  database: MigratedDatabase,
  folder = join(ROOT, "migrations"),
): Promise<string[]> {
  await database.prepare(TABLE).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map((row) => (row as { name: string }).name));
  const due = readdirSync(folder)
    .filter((name) => name.endsWith(".sql") && !applied.has(name))
    .sort();
  for (const name of due) {
    const statements = splitStatements(readFileSync(join(folder, name), "utf8"));
    try {
      await database.batch([
        ...statements.map((statement) => database.prepare(statement)),
        database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
      ]);
    } catch (error) {
      throw new Complaint(
        `migrations/${name} cannot be applied to the data folder: ${errorText(error)}`,
        1,
      );
    }
  }
  return due;
}
