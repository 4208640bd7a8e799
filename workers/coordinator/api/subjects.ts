/**
 * Monitors and groups that something names: refused where they are not there, since what is misspelt
 * would be about nothing. What was stored before may name what has gone since.
 */
import { listMonitors } from "../db/config-store.ts";
import type { Env } from "../env.ts";
import type { FieldError } from "./problem.ts";
import { invalidBody } from "./problem.ts";

/** What names monitors and groups; null: no monitor. */
export interface Subjects {
  monitors: readonly string[] | null;
  groups: readonly string[];
}

/**
 * Refuses monitors and groups that are neither there nor named by what is stored.
 *
 * @throws ProblemError (422) that names each field
 */
export async function requireSubjects(
  env: Env,
  { monitors, groups }: Subjects,
  stored: Subjects | null,
): Promise<void> {
  if ((monitors ?? []).length + groups.length === 0) return;
  const present = await listMonitors(env.DB);
  const ids = new Set([...present.map(({ id }) => id), ...(stored?.monitors ?? [])]);
  const names = new Set<string | null>([
    ...present.map(({ group }) => group),
    ...(stored?.groups ?? []),
  ]);
  const errors: FieldError[] = [];
  for (const [index, id] of (monitors ?? []).entries()) {
    if (ids.has(id)) continue;
    errors.push({ field: `monitors[${index}]`, message: `there is no monitor "${id}"` });
  }
  for (const [index, group] of groups.entries()) {
    if (names.has(group)) continue;
    errors.push({ field: `groups[${index}]`, message: `no monitor is in the group "${group}"` });
  }
  if (errors.length > 0) throw invalidBody(errors);
}
