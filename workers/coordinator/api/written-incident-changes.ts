/**
 * Changes of written incidents: reads, decides and writes, again when somebody else has written in
 * between; what is not consistent is refused before anything is written.
 */
import type { z } from "zod";
import type { WrittenIncident, WrittenUpdate } from "../../../shared/monitor/written-incident.ts";
import {
  WRITTEN_CHARACTERS_MAX,
  WRITTEN_UPDATES_MAX,
  addUpdate,
  namedMonitors,
  writtenCharacters,
} from "../../../shared/monitor/written-incident.ts";
import { listMonitors } from "../db/config-store.ts";
import {
  createWritten,
  listWrittenIds,
  loadIncidentTemplate,
  loadWritten,
  replaceWritten,
} from "../db/written-incident-store.ts";
import type { Env } from "../env.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import type { FieldError } from "./problem.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import { slugOf, uniqueSlug } from "./slug.ts";
import type { updateInputSchema, writtenInputSchema } from "./written-incident-schema.ts";

/** Attempts at a change that collides with others before it is given up. */
const ATTEMPTS_MAX = 5;
/** How far a moment may lie ahead of this clock, in milliseconds. */
const AHEAD_MAX_MS = 60_000;
const PAST = "expected a moment that has come";

/** Begins a written incident with its first update. */
export async function beginWritten(
  env: Env,
  input: z.output<typeof writtenInputSchema>,
): Promise<WrittenIncident> {
  const nowMs = Date.now();
  const { id, template, incidents, startedAt: startedAtMs = nowMs, ...said } = input;
  requirePast("startedAt", startedAtMs, nowMs);
  const known = template === undefined ? null : await requireTemplate(env, template);
  const { title = known?.title, text = known?.text } = said;
  if (title === undefined) throw required("title");
  if (text === undefined) throw required("text");
  const { status = known?.status, monitors = known?.monitors } = said;
  const { updates } = addUpdate([], { status, text, atMs: startedAtMs, monitors });
  const slug = slugOf(title, "incident").replace(/-\d{10,}$/, "");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const free = id ?? uniqueSlug(slug, await listWrittenIds(env.DB, slug));
    const written = { id: free, title, startedAtMs, incidents, updates, postmortem: null };
    await requireSubjects(env, written, null);
    if ((await createWritten(env.DB, written, nowMs)) === "written") return written;
    if (id !== undefined) {
      throw new ProblemError(
        "conflict",
        `There is a written incident with the id "${id}" already.`,
      );
    }
  }
  throw collision();
}

/** Adds an update; one that is there under its id already stays as it is. */
export async function writeUpdate(
  env: Env,
  id: string,
  { at: atMs = Date.now(), ...said }: z.output<typeof updateInputSchema>,
): Promise<{ written: WrittenIncident; isNew: boolean }> {
  requirePast("at", atMs, Date.now());
  let isNew = true;
  const written = await changeWritten(env, id, (stored) => {
    isNew = true;
    const same = stored.updates.find((update) => update.id === said.id);
    if (same !== undefined) {
      isNew = false;
      return repeat(stored, same, said);
    }
    if (atMs < stored.startedAtMs) {
      throw invalidBody([{ field: "at", message: "expected a moment after startedAt" }]);
    }
    if (stored.updates.length >= WRITTEN_UPDATES_MAX) {
      const detail = `There are ${WRITTEN_UPDATES_MAX} updates, which is the most. Nothing was changed.`;
      throw new ProblemError("conflict", detail);
    }
    return { ...stored, updates: addUpdate(stored.updates, { ...said, atMs }).updates };
  });
  return { written, isNew };
}

function repeat(
  stored: WrittenIncident,
  same: WrittenUpdate,
  said: { text: string; status?: string | undefined },
): WrittenIncident {
  if (same.text === said.text && same.status === (said.status ?? same.status)) return stored;
  throw new ProblemError("conflict", `There is another update with the id "${same.id}" already.`);
}

/** Changes a written incident. */
export async function changeWritten(
  env: Env,
  id: string,
  decide: (stored: WrittenIncident) => WrittenIncident,
): Promise<WrittenIncident> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await loadWritten(env.DB, id);
    if (stored === null) throw notFound("written incident", id);
    const after = decide(stored.written);
    if (after === stored.written) return after;
    await requireSubjects(env, after, stored.written);
    if ((await replaceWritten(env.DB, stored, after, Date.now())) === "written") return after;
  }
  throw collision();
}

/** Refuses a beginning that lies ahead, or after what was said first. */
export function requireStart(startedAtMs: number, { updates }: WrittenIncident): void {
  requirePast("startedAt", startedAtMs, Date.now());
  if (startedAtMs <= (updates[0]?.atMs ?? Infinity)) return;
  const message = "expected a moment before the first update";
  throw invalidBody([{ field: "startedAt", message }]);
}

function requirePast(field: string, atMs: number, nowMs: number): void {
  if (atMs > nowMs + AHEAD_MAX_MS) throw invalidBody([{ field, message: PAST }]);
}

async function requireTemplate(env: Env, id: string) {
  const template = await loadIncidentTemplate(env.DB, id);
  if (template !== null) return template;
  const message = `there is no template "${id}"`;
  throw invalidBody([{ field: "template", message }]);
}

function required(field: string): ProblemError {
  return invalidBody([{ field, message: "required: expected text, here or by a template" }]);
}

/** Refuses monitors and incidents that are not there; what is stored already may have gone since. */
async function requireSubjects(
  env: Env,
  after: WrittenIncident,
  before: WrittenIncident | null,
): Promise<void> {
  const errors: FieldError[] = [];
  const monitors = added(namedMonitors(after), before === null ? [] : namedMonitors(before));
  if (monitors.length > 0) {
    const ids = new Set((await listMonitors(env.DB)).map(({ id }) => id));
    for (const id of monitors) {
      if (ids.has(id)) continue;
      errors.push({ field: `monitors.${id}`, message: `there is no monitor "${id}"` });
    }
  }
  for (const id of added(after.incidents, before?.incidents ?? [])) {
    if ((await askCoordinator(env, (each) => each.incident(id))) !== null) continue;
    const field = `incidents[${after.incidents.indexOf(id)}]`;
    errors.push({ field, message: `there is no incident "${id}"` });
  }
  if (writtenCharacters(after) > WRITTEN_CHARACTERS_MAX) {
    const message = `expected at most ${WRITTEN_CHARACTERS_MAX} characters in all its texts`;
    errors.push({ field: "text", message });
  }
  if (errors.length > 0) throw invalidBody(errors);
}

function added(after: readonly string[], before: readonly string[]): string[] {
  return after.filter((id) => !before.includes(id));
}

function collision(): ProblemError {
  return new ProblemError("conflict", "Others are changing it at the same time. Try again.");
}
