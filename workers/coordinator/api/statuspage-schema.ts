/**
 * The shapes of the Statuspage API v2, as its clients expect them: fields in snake_case, ISO 8601.
 * Source: the public API of any Statuspage page, e.g. https://metastatuspage.com/api/v2.
 */
import { z } from "@hono/zod-openapi";
import { isoSchema } from "./moment.ts";

/** Status of one component. */
export const componentStatusSchema = z.enum([
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
]);

const pageSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  time_zone: z.string(),
  updated_at: isoSchema,
});

const overallSchema = z.strictObject({
  indicator: z.enum(["none", "minor", "major", "critical", "maintenance"]),
  description: z.string(),
});

/** A monitor, or a group of monitors. */
export const componentSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: componentStatusSchema,
    created_at: isoSchema,
    updated_at: isoSchema,
    position: z.int(),
    description: z.string().nullable(),
    showcase: z.boolean(),
    start_date: z.string().nullable(),
    group_id: z.string().nullable(),
    page_id: z.string(),
    group: z.boolean(),
    only_show_if_degraded: z.boolean(),
    components: z.array(z.string()).optional().openapi({ description: "Members of a group." }),
  })
  .meta({ id: "StatuspageComponent" });

const incidentStatusSchema = z.enum([
  "investigating",
  "identified",
  "monitoring",
  "resolved",
  "postmortem",
]);

const incidentUpdateSchema = z.strictObject({
  id: z.string(),
  incident_id: z.string(),
  status: incidentStatusSchema,
  body: z.string(),
  created_at: isoSchema,
  updated_at: isoSchema,
  display_at: isoSchema,
  affected_components: z
    .array(
      z.strictObject({
        code: z.string(),
        name: z.string(),
        old_status: componentStatusSchema,
        new_status: componentStatusSchema,
      }),
    )
    .nullable(),
  deliver_notifications: z.boolean(),
  custom_tweet: z.null(),
  tweet_id: z.null(),
});

/** An incident with its updates, newest first. */
export const statuspageIncidentSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: incidentStatusSchema,
    impact: z.enum(["none", "minor", "major", "critical", "maintenance"]),
    created_at: isoSchema,
    updated_at: isoSchema,
    started_at: isoSchema,
    monitoring_at: isoSchema.nullable(),
    resolved_at: isoSchema.nullable(),
    shortlink: z.string(),
    page_id: z.string(),
    incident_updates: z.array(incidentUpdateSchema),
    components: z.array(componentSchema),
  })
  .meta({ id: "StatuspageIncident" });

const maintenanceStatusSchema = z.enum(["scheduled", "in_progress", "verifying", "completed"]);

/** A window of announced maintenance with its updates, newest first. */
export const scheduledMaintenanceSchema = z
  .strictObject({
    ...statuspageIncidentSchema.shape,
    status: maintenanceStatusSchema,
    incident_updates: z.array(incidentUpdateSchema.extend({ status: maintenanceStatusSchema })),
    scheduled_for: isoSchema,
    scheduled_until: isoSchema,
  })
  .meta({ id: "StatuspageScheduledMaintenance" });

/** `summary.json`. */
export const summarySchema = z
  .strictObject({
    page: pageSchema,
    status: overallSchema,
    components: z.array(componentSchema),
    incidents: z.array(statuspageIncidentSchema),
    scheduled_maintenances: z.array(scheduledMaintenanceSchema),
  })
  .meta({ id: "StatuspageSummary" });

/** `status.json`. */
export const statusJsonSchema = summarySchema.pick({ page: true, status: true });
/** `components.json`. */
export const componentsJsonSchema = summarySchema.pick({ page: true, components: true });
/** `incidents.json` and `incidents/unresolved.json`. */
export const incidentsJsonSchema = summarySchema.pick({ page: true, incidents: true });
/** `scheduled-maintenances.json`, `…/upcoming.json`, `…/active.json`. */
export const maintenancesJsonSchema = summarySchema.pick({
  page: true,
  scheduled_maintenances: true,
});

/** A component. */
export type Component = z.output<typeof componentSchema>;
/** Status of one component. */
export type ComponentStatus = z.output<typeof componentStatusSchema>;
/** An incident. */
export type StatuspageIncident = z.output<typeof statuspageIncidentSchema>;
/** A window of announced maintenance. */
export type ScheduledMaintenance = z.output<typeof scheduledMaintenanceSchema>;
/** Everything. */
export type Summary = z.output<typeof summarySchema>;
