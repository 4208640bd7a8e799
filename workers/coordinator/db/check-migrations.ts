/**
 * `npm run db:check`: fails when `schema.ts` and `migrations/` tell different stories.
 *
 * Generates, in a copy, the migration that would be missing: there must be none. Then applies all
 * migrations to an empty SQLite database and checks what drizzle cannot declare: `runs` and the
 * rollups are WITHOUT ROWID. Runs in Node; touches nothing in the repository.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const migrations = join(root, "migrations");
const WITHOUT_ROWID = ["runs", "rollups", "rollup_blocks"];

function sqlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
}

/** Migrations that drizzle-kit would still have to generate; throws when it cannot run. */
function missingMigrations(): string[] {
  const copy = mkdtempSync(join(tmpdir(), "echoquorum-migrations-"));
  try {
    cpSync(migrations, copy, { recursive: true });
    const kit = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/drizzle-kit/bin.cjs"),
        "generate",
        "--config",
        "workers/coordinator/db/drizzle.config.ts",
      ],
      {
        cwd: root,
        env: { ...process.env, ECHOQUORUM_MIGRATIONS_OUT: relative(root, copy) },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const known = new Set(sqlFiles(migrations));
    const missing = sqlFiles(copy).filter((name) => !known.has(name));
    // drizzle-kit exits with 0 when it fails, too: believe only what it says, or what it made.
    if (missing.length === 0 && !kit.stdout.includes("No schema changes")) {
      throw new Error(`drizzle-kit failed:\n${kit.stdout}${kit.stderr}`);
    }
    return missing.map((name) => readFileSync(join(copy, name), "utf8"));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Tables that ought to be WITHOUT ROWID and are not, once all migrations are applied. */
function tablesWithRowid(): string[] {
  const database = new DatabaseSync(":memory:");
  for (const name of sqlFiles(migrations)) {
    database.exec(readFileSync(join(migrations, name), "utf8"));
  }
  const withRowid = WITHOUT_ROWID.filter((table) => {
    const row = database.prepare("SELECT wr FROM pragma_table_list WHERE name = ?").get(table);
    return row?.["wr"] !== 1;
  });
  database.close();
  return withRowid;
}

const problems = [
  ...missingMigrations().map(
    (sql) => `schema.ts has changed without a migration; run npm run db:generate:\n${sql}`,
  ),
  ...tablesWithRowid().map((table) => `table ${table} is not WITHOUT ROWID; edit its migration`),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length === 0) process.stdout.write("migrations match the schema\n");
else process.exitCode = 1;
