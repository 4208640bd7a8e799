/** Written incidents as the API takes and shows them. Pure. */
import { z } from "@hono/zod-openapi";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import {
  DECLARED_IMPACTS,
  WRITTEN_STATUSES,
  declaredImpactsSchema,
  incidentTemplateSchema,
  latestUpdate,
  linkedIncidentsSchema,
  resolvedAtMs,
  worstDeclared,
  writtenIdSchema,
  writtenTextSchema,
  writtenTitleSchema,
} from "../../../shared/monitor/written-incident.ts";
import { idSchema } from "../../../shared/monitor/monitor.ts";
import { isoSchema, momentSchema, renderMoment, renderMomentOrNull } from "./moment.ts";

const statusSchema = z.enum(WRITTEN_STATUSES);
const textSchema = writtenTextSchema.describe(
  "Markdown (CommonMark); HTML and images are not shown.",
);
const impactsSchema = declaredImpactsSchema.describe(
  "Impact by the monitor's id; none named: it is about everything.",
);

/** One update as it is shown. */
const updateSchema = z
  .strictObject({
    id: z.string(),
    status: statusSchema,
    text: z.string(),
    at: isoSchema,
    monitors: impactsSchema.describe("Impact on each monitor from then on."),
  })
  .meta({ id: "WrittenUpdate" });

/** A written incident as it is shown. */
export const shownWrittenSchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    status: statusSchema,
    impact: z.enum(DECLARED_IMPACTS).describe("The worst that was declared of any monitor."),
    monitors: impactsSchema.describe("What is declared of each monitor now."),
    incidents: z.array(z.string()).describe("Incidents found by the quorum that it is about."),
    startedAt: isoSchema,
    resolvedAt: isoSchema.nullable(),
    updates: z.array(updateSchema),
    postmortem: z.strictObject({ text: z.string(), publishedAt: isoSchema }).nullable(),
  })
  .meta({ id: "WrittenIncident" });

/** How one is begun. */
export const writtenInputSchema = z
  .strictObject({
    id: writtenIdSchema.optional(),
    template: idSchema.optional().describe("Id of a template that says what is left out here."),
    title: writtenTitleSchema.optional(),
    status: statusSchema.optional(),
    text: textSchema.optional(),
    monitors: impactsSchema.optional(),
    incidents: linkedIncidentsSchema.default([]),
    startedAt: momentSchema.optional(),
  })
  .meta({ id: "WrittenIncidentInput" });

/** What may be changed of it as a whole. */
export const writtenChangeSchema = z
  .strictObject({
    title: writtenTitleSchema.optional(),
    incidents: linkedIncidentsSchema.optional(),
    startedAt: momentSchema.optional(),
    postmortem: textSchema.nullable().optional().describe("Null takes it back."),
  })
  .meta({ id: "WrittenIncidentPatch" });

/** An update as it is written. */
export const updateInputSchema = z
  .strictObject({
    id: idSchema.optional().describe("Repeating an update under its id changes nothing."),
    status: statusSchema.optional(),
    text: textSchema,
    at: momentSchema.optional(),
    monitors: impactsSchema.optional(),
  })
  .meta({ id: "WrittenUpdateInput" });

/** What may be corrected of an update. */
export const updateChangeSchema = z
  .strictObject({ text: textSchema })
  .meta({ id: "WrittenUpdatePatch" });

/** A template as it is written; its id is in the path. */
export const templateInputSchema = incidentTemplateSchema
  .omit({ id: true })
  .meta({ id: "IncidentTemplateInput" });
/** A template as it is shown. */
export const templateSchema = incidentTemplateSchema.meta({ id: "IncidentTemplate" });

/** Renders a written incident. */
export function renderWritten(written: WrittenIncident): z.output<typeof shownWrittenSchema> {
  const { id, title, startedAtMs, incidents, updates, postmortem } = written;
  const { status, monitors } = latestUpdate(written);
  return {
    id,
    title,
    status,
    impact: worstDeclared(written),
    monitors,
    incidents,
    startedAt: renderMoment(startedAtMs),
    resolvedAt: renderMomentOrNull(resolvedAtMs(written)),
    updates: updates.map(({ atMs, ...update }) => ({ ...update, at: renderMoment(atMs) })),
    postmortem:
      postmortem === null
        ? null
        : { text: postmortem.text, publishedAt: renderMoment(postmortem.atMs) },
  };
}
