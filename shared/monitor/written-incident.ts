/**
 * Written incidents: what people tell of trouble, in their own words, beside the incidents that the
 * quorum finds. Pure.
 *
 * One is a list of updates in the order of their time, each with a status, a text in Markdown and
 * the impact on each monitor from then on; what is so now is what its latest update says. It never
 * changes a verdict: a face shows what was declared beside what was measured.
 */
import { z } from "zod";
import { eachOnce, idSchema } from "./monitor.ts";

/** How far people have come, in the words of status pages. */
export const WRITTEN_STATUSES = ["investigating", "identified", "monitoring", "resolved"] as const;
/** What is declared of one monitor, mildest first. */
export const DECLARED_IMPACTS = ["none", "degraded", "partial", "down"] as const;

/** Longest text of an update or a postmortem, in characters (UTF-16 code units). */
export const WRITTEN_TEXT_MAX = 10_000;
/** Most updates of one written incident. */
export const WRITTEN_UPDATES_MAX = 100;
/**
 * Longest whole of one written incident, in characters of all its texts: with three bytes each it
 * fits into a row of D1 (2 MB) and, twice over, into what a request may send.
 */
export const WRITTEN_CHARACTERS_MAX = 150_000;

/** How far people have come. */
export type WrittenStatus = (typeof WRITTEN_STATUSES)[number];
/** What is declared of one monitor. */
export type DeclaredImpact = (typeof DECLARED_IMPACTS)[number];

/** Ids of incidents that the quorum found: a monitor's id and the moment of their beginning. */
export const INCIDENT_ID = /^[a-z0-9-]{1,64}-\d{10,14}$/;

/** Id of a written incident; never one that a found incident could have. */
export const writtenIdSchema = idSchema.refine((id) => !INCIDENT_ID.test(id), {
  error: "expected no id that ends in a hyphen and ten digits or more",
});

/** Text in Markdown. */
export const writtenTextSchema = z.string().trim().min(1).max(WRITTEN_TEXT_MAX);
/** Title in one line. */
export const writtenTitleSchema = z.string().trim().min(1).max(200);
/** Impact by the monitor's id. */
export const declaredImpactsSchema = z
  .record(idSchema, z.enum(DECLARED_IMPACTS))
  .refine((monitors) => Object.keys(monitors).length <= 1_000, {
    error: "expected at most 1000 monitors",
  });
/** Ids of incidents that the quorum found and that a written one is about. */
export const linkedIncidentsSchema = z
  .array(z.string().regex(INCIDENT_ID, "expected the id of an incident"))
  .max(50)
  .superRefine(eachOnce);

const updateSchema = z.strictObject({
  id: idSchema,
  status: z.enum(WRITTEN_STATUSES),
  text: writtenTextSchema,
  atMs: z.int().min(0),
  /** Impact on each monitor from then on. */
  monitors: declaredImpactsSchema,
});

/** Schema of a stored written incident. */
export const writtenIncidentSchema = z.strictObject({
  id: writtenIdSchema,
  title: writtenTitleSchema,
  /** May lie before the first update. */
  startedAtMs: z.int().min(0),
  incidents: linkedIncidentsSchema,
  /** By their time; those of one moment in the order in which they were written. */
  updates: z.array(updateSchema).min(1).max(WRITTEN_UPDATES_MAX),
  postmortem: z.strictObject({ text: writtenTextSchema, atMs: z.int().min(0) }).nullable(),
});

/** Schema of a template: what a written incident begins with unless it is said otherwise. */
export const incidentTemplateSchema = z.strictObject({
  id: idSchema,
  title: writtenTitleSchema,
  status: z.enum(WRITTEN_STATUSES).default("investigating"),
  text: writtenTextSchema,
  monitors: declaredImpactsSchema.default({}),
});

/** A written incident. */
export type WrittenIncident = z.output<typeof writtenIncidentSchema>;
/** One update of it. */
export type WrittenUpdate = WrittenIncident["updates"][number];
/** What a written incident may begin with. */
export type IncidentTemplate = z.output<typeof incidentTemplateSchema>;

/** The latest update: what is so now. */
export function latestUpdate({ updates }: Pick<WrittenIncident, "updates">): WrittenUpdate {
  const latest = updates.at(-1);
  if (latest === undefined) throw new RangeError("a written incident has an update");
  return latest;
}

/** When it was resolved; null: it goes on. */
export function resolvedAtMs({ updates }: Pick<WrittenIncident, "updates">): number | null {
  const lastOpen = updates.findLastIndex(({ status }) => status !== "resolved");
  return updates[lastOpen + 1]?.atMs ?? null;
}

/** The worst of some impacts. */
export function worstImpact(impacts: Iterable<DeclaredImpact>): DeclaredImpact {
  const found = new Set(impacts);
  return DECLARED_IMPACTS.findLast((impact) => found.has(impact)) ?? "none";
}

/** The worst that it ever said. */
export function worstDeclared({ updates }: Pick<WrittenIncident, "updates">): DeclaredImpact {
  return worstImpact(updates.flatMap(({ monitors }) => Object.values(monitors)));
}

/** All monitors that it ever named, in the order in which it did. */
export function namedMonitors({ updates }: Pick<WrittenIncident, "updates">): string[] {
  return [...new Set(updates.flatMap(({ monitors }) => Object.keys(monitors)))];
}

/** When anything about it was last said. */
export function lastWordAtMs(written: WrittenIncident): number {
  return Math.max(latestUpdate(written).atMs, written.postmortem?.atMs ?? 0);
}

/** An update as it is written: what is left out stays as it was before. */
export interface UpdateDraft {
  id?: string | undefined;
  status?: WrittenStatus | undefined;
  text: string;
  atMs: number;
  monitors?: Readonly<Record<string, DeclaredImpact>> | undefined;
}

/**
 * Adds an update in the order of time. What it says of a monitor replaces what was said before; with
 * `resolved` every impact that it does not name is over.
 *
 * @returns updates with the new one, and that one; the same for the same draft under the same id
 */
export function addUpdate(
  updates: readonly WrittenUpdate[],
  draft: UpdateDraft,
): { updates: WrittenUpdate[]; added: WrittenUpdate } {
  const at = updates.findLastIndex(({ atMs }) => atMs <= draft.atMs) + 1;
  const before = updates[at - 1];
  const status = draft.status ?? before?.status ?? "investigating";
  const known = Object.entries(before?.monitors ?? {});
  const kept = known.map(([id, impact]) => [id, status === "resolved" ? "none" : impact] as const);
  const monitors = { ...Object.fromEntries(kept), ...draft.monitors };
  const id = draft.id ?? freeId(updates);
  const added = { id, status, text: draft.text, atMs: draft.atMs, monitors };
  return { updates: updates.toSpliced(at, 0, added), added };
}

/** The lowest number beyond all that were given. */
function freeId(updates: readonly WrittenUpdate[]): string {
  const numbers = updates.map(({ id }) => (/^\d{1,9}$/.test(id) ? Number(id) : 0));
  return String(Math.max(0, ...numbers) + 1);
}

/** Characters of all its texts. */
export function writtenCharacters({ updates, postmortem }: WrittenIncident): number {
  const texts = [...updates.map(({ text }) => text), postmortem?.text ?? ""];
  return texts.reduce((sum, text) => sum + text.length, 0);
}
