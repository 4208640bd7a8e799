/** A real D1 database in local workerd, empty or with the repository's migrations applied. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { DIRECT_WORKER, directDatabase } from "./direct-database.ts";

const migrations = fileURLToPath(new URL("../../migrations", import.meta.url));

/** A database of its own. */
export interface TestDatabase {
  db: D1Database;
  /** The same, for many statements: see `direct-database.ts`. */
  direct: D1Database;
  /** Empties every table. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Statements of all migrations, in order. */
function migrationStatements(): string[] {
  return readdirSync(migrations)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .flatMap((file) =>
      readFileSync(`${migrations}/${file}`, "utf8").split("--> statement-breakpoint"),
    )
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/**
 * Starts a database with the present schema, or without any.
 *
 * @param folder in which it stays when it is closed: opened again it is `stored`; absent: it is gone
 */
export async function openTestDatabase(
  schema: "present" | "none" | "stored" = "present",
  folder?: string,
): Promise<TestDatabase> {
  const miniflare = new Miniflare({
    ...(folder === undefined ? {} : { resourcePersistencePath: folder }),
    enableDevRegistry: false,
    telemetry: { enabled: false },
    workers: [
      {
        config: {
          name: "database",
          compatibilityDate: "2026-11-01",
          env: { DB: { type: "d1", id: "test" } },
          manifest: {
            mainModule: "index.mjs",
            modulesRoot: "/",
            modules: { "index.mjs": { type: "esm", contents: DIRECT_WORKER } },
          },
        },
      },
    ],
  });
  const db: D1Database = await miniflare.getD1Database("DB");
  const statements = schema === "present" ? migrationStatements() : [];
  if (statements.length > 0) await db.batch(statements.map((statement) => db.prepare(statement)));
  const { results } = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
    )
    .all<{ name: string }>();
  return {
    db,
    direct: directDatabase(miniflare),
    async clear() {
      await db.batch(results.map(({ name }) => db.prepare(`DELETE FROM "${name}"`)));
    },
    close: () => miniflare.dispose(),
  };
}
