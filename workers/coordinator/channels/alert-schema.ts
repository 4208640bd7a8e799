/**
 * The schema of a message, as webhooks carry it and the API shows it: what receivers may rely on.
 *
 * Fields may be added; one that changes or goes makes a new version of the webhook's payload. Pure.
 */
import { z } from "zod";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";

const timeSchema = z.iso.datetime();
const severitySchema = z.enum(["critical", "warning", "info"]);

const monitorSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  group: z.string().nullable(),
  labels: z.record(z.string(), z.string()).optional().describe("The monitor's own labels."),
});

const incidentSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(INCIDENT_KINDS).describe("Present kind; the worst one once it is resolved."),
  startedAt: timeSchema.describe("First failing observation of the votes that agreed."),
  endedAt: timeSchema.nullable(),
  durationSeconds: z.int().min(0).nullable().describe("Null while it is open."),
  lastedSeconds: z.int().min(0).optional().describe("From its beginning to this message."),
});

const seenSchema = z
  .strictObject({
    bad: z.int().min(1).describe("Regions that see it."),
    counted: z.int().min(1).describe("Regions whose votes counted."),
  })
  .optional()
  .describe("Absent: no vote shows it, or it is over.");

const stepSchema = z.strictObject({
  at: timeSchema,
  text: z.string(),
  kind: z
    .enum([
      "verdict_changed",
      "incident_opened",
      "incident_changed",
      "incident_resolved",
      "incident_acknowledged",
    ])
    .optional(),
  to: z
    .enum(["operational", ...INCIDENT_KINDS, "unknown", "maintenance"])
    .optional()
    .describe("Verdict that it led to."),
  reason: z.string().nullable().optional(),
});

const regionSchema = z.strictObject({
  region: z.string(),
  label: z.string(),
  status: z.string().describe("`up`, `degraded`, `down`, or `unknown`: not counted."),
  reason: z.string().nullable(),
  message: z.string(),
  colo: z.string().nullable().optional().describe("Data centre from which it was observed."),
  at: timeSchema.nullable().optional().describe("When it was observed; null: never."),
  counted: z.boolean().optional().describe("Whether its vote counted."),
  http: z
    .strictObject({
      status: z.enum(["up", "down"]),
      reason: z.string().nullable(),
      code: z.int().nullable().describe("HTTP status; null: there was no answer."),
    })
    .optional()
    .describe("The HTTP request beside the check."),
  evidence: z.url().optional().describe("Packet capture of a failing check; takes a token."),
});

const endedSchema = z.strictObject({
  id: z.string(),
  monitor: z.strictObject({ id: z.string(), name: z.string() }),
  kind: z.enum(INCIDENT_KINDS),
  startedAt: timeSchema,
  endedAt: timeSchema,
});

const aboutSchema = z.enum(["certificate", "monitoring", "history", "unknown", "region"]);
const diagnosisSchema = z
  .strictObject({
    case: z.enum(["both_up", "websocket_down", "both_down", "http_down"]),
    text: z.string().describe("What it means, and where to look."),
  })
  .optional()
  .describe("Whether HTTP works beside WebSocket, where the monitor has that asked.");
const aboutRegionSchema = z.string().optional().describe("Id of the region that it is about.");
const reminderSchema = z.literal(true).optional().describe("It was told before, and goes on.");
const unheardSchema = z
  .literal(true)
  .optional()
  .describe("With `resolved`: nothing arrived of it before its end, and this tells of both.");

const groupedSchema = z.strictObject({
  about: aboutSchema.optional(),
  region: aboutRegionSchema,
  alert: z.enum(["fired", "changed", "resolved"]),
  reminder: reminderSchema,
  unheard: unheardSchema,
  title: z.string(),
  text: z.string(),
  severity: severitySchema,
  monitor: monitorSchema.nullable(),
  incident: incidentSchema.nullable(),
  seen: seenSchema,
  reason: z.string().nullable(),
  cause: z.string().nullable(),
  diagnosis: diagnosisSchema,
  link: z.url().nullable(),
});

/** Schema of a message. */
export const alertMessageSchema = z
  .strictObject({
    about: aboutSchema
      .optional()
      .describe(
        "What it is about where that is no incident: a certificate that expires, that Echoquorum " +
          "itself cannot see, what it missed while it was away (all of which is over), that it has " +
          "known nothing of a monitor for long, or that one of its regions cannot vote.",
      ),
    region: aboutRegionSchema,
    alert: z.enum(["fired", "changed", "resolved", "test"]),
    reminder: reminderSchema,
    unheard: unheardSchema,
    title: z.string().describe("One line for people, e.g. `Chat is down in 3 of 4 regions`."),
    text: z.string().describe("The quorum in words."),
    severity: severitySchema,
    monitor: monitorSchema
      .nullable()
      .describe("Made up in a test; null about Echoquorum itself, and where `alerts` has several."),
    incident: incidentSchema
      .nullable()
      .describe("Made up in a test; null where `about` or `alerts` says what it is about."),
    seen: seenSchema,
    reason: z.string().nullable().describe("Commonest reason, from the closed list."),
    meaning: z.string().optional().describe("What the reason means, in one sentence."),
    cause: z.string().nullable().describe("What usually lies behind the reason."),
    diagnosis: diagnosisSchema,
    regions: z.array(regionSchema),
    certificate: z
      .strictObject({
        subject: z.string(),
        issuer: z.string(),
        notAfter: timeSchema,
        daysLeft: z.int().describe("Whole days; negative once it has expired."),
      })
      .optional()
      .describe("The certificate that the server shows, where it is known."),
    timeline: z
      .array(stepSchema)
      .optional()
      .describe("What happened in the incident, oldest first; in the message that resolves it."),
    ended: z
      .array(endedSchema)
      .optional()
      .describe("Incidents that began and ended while Echoquorum was away."),
    alerts: z
      .array(groupedSchema)
      .optional()
      .describe("Several alerts that are told together, the most urgent first."),
    moreAlerts: z.int().min(1).optional().describe("How many more there are than the list has."),
    link: z.url().nullable().describe("Page of the incident; null: no public address is set."),
    at: timeSchema.describe("When the transition happened."),
  })
  .describe("The same facts that every other kind of channel shows.");
