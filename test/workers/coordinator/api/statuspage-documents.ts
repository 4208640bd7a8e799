/**
 * JSON Schemas of the Statuspage API v2, written from a third party's copy of real answers and from the
 * types of the client `statuspage.io`: Atlassian's own documentation, which every Statuspage serves at
 * `/api` (e.g. https://metastatuspage.com/api), has not been compared with them. Not derived from the
 * product's own schemas, so that they cannot share a mistake.
 */
const moment = { type: "string", format: "date-time" };
const momentOrNull = { type: ["string", "null"], format: "date-time" };
const text = { type: "string" };
const id = { type: "string", minLength: 1 };
const COMPONENT_STATUSES = [
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
];

function closed(properties: Record<string, object>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

const page = closed({
  id,
  name: text,
  url: { type: "string", format: "uri" },
  time_zone: text,
  updated_at: moment,
});
const status = closed({
  indicator: { enum: ["none", "minor", "major", "critical", "maintenance"] },
  description: { type: "string", minLength: 1 },
});
const component = closed(
  {
    id,
    name: text,
    status: { enum: COMPONENT_STATUSES },
    created_at: moment,
    updated_at: moment,
    position: { type: "integer", minimum: 1 },
    description: { type: ["string", "null"] },
    showcase: { type: "boolean" },
    start_date: { type: ["string", "null"], format: "date" },
    group_id: { type: ["string", "null"] },
    page_id: id,
    group: { type: "boolean" },
    only_show_if_degraded: { type: "boolean" },
    components: { type: "array", items: id },
  },
  ["components"],
);

function update(statuses: readonly string[]) {
  return closed({
    id,
    incident_id: id,
    status: { enum: statuses },
    body: text,
    created_at: moment,
    updated_at: moment,
    display_at: moment,
    affected_components: {
      type: ["array", "null"],
      items: closed({
        code: id,
        name: text,
        old_status: { enum: COMPONENT_STATUSES },
        new_status: { enum: COMPONENT_STATUSES },
      }),
    },
    deliver_notifications: { type: "boolean" },
    custom_tweet: { type: ["string", "null"] },
    tweet_id: { type: ["string", "null"] },
  });
}

function incidentOf(statuses: readonly string[], more: Record<string, object> = {}) {
  return closed({
    id,
    name: text,
    status: { enum: statuses },
    created_at: moment,
    updated_at: moment,
    monitoring_at: momentOrNull,
    resolved_at: momentOrNull,
    impact: { enum: ["none", "minor", "major", "critical", "maintenance"] },
    shortlink: { type: "string", format: "uri" },
    started_at: moment,
    page_id: id,
    incident_updates: { type: "array", items: update(statuses), minItems: 1 },
    components: { type: "array", items: component },
    ...more,
  });
}

const incidents = {
  type: "array",
  items: incidentOf(["investigating", "identified", "monitoring", "resolved", "postmortem"]),
};
const scheduled_maintenances = {
  type: "array",
  items: incidentOf(["scheduled", "in_progress", "verifying", "completed"], {
    scheduled_for: moment,
    scheduled_until: moment,
  }),
};
const components = { type: "array", items: component };

/** Schema of each document, by its path below `/api/v2`. */
export const STATUSPAGE_DOCUMENTS: Readonly<Record<string, object>> = {
  "/summary.json": closed({ page, status, components, incidents, scheduled_maintenances }),
  "/status.json": closed({ page, status }),
  "/components.json": closed({ page, components }),
  "/incidents.json": closed({ page, incidents }),
  "/incidents/unresolved.json": closed({ page, incidents }),
  "/scheduled-maintenances.json": closed({ page, scheduled_maintenances }),
  "/scheduled-maintenances/upcoming.json": closed({ page, scheduled_maintenances }),
  "/scheduled-maintenances/active.json": closed({ page, scheduled_maintenances }),
};
