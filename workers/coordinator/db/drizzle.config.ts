/**
 * How drizzle-kit turns `schema.ts` into migrations. Paths are relative to the repository, from
 * which npm runs it. `ECHOQUORUM_MIGRATIONS_OUT`, relative too, lets the migration check generate
 * elsewhere.
 */
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: "./workers/coordinator/db/schema.ts",
  out: process.env["ECHOQUORUM_MIGRATIONS_OUT"] ?? "./migrations",
});
