/**
 * Alerts that arrived, as cards, newest first. Shows only what the webhook itself carried.
 */
import { html } from "hono/html";
import { z } from "zod";
import type { VendorTrouble } from "../vendors/vendor-trouble.ts";
import { VENDOR_TROUBLES } from "../vendors/vendor-trouble.ts";
import type { ReceivedAlert } from "./alert-log.ts";
import type { DemoAddresses, Markup } from "./page-shell.ts";
import { renderShell } from "./page-shell.ts";

const REFRESH_SECONDS = 3;

/** The part of the payload that a card shows; a receiver ignores what it does not know. */
const shownSchema = z.object({
  type: z.string(),
  data: z.object({
    alert: z.string(),
    title: z.string(),
    text: z.string(),
    severity: z.string(),
    reason: z.string().nullable(),
    cause: z.string().nullable(),
    diagnosis: z.object({ text: z.string() }).optional(),
    link: z.string().nullable(),
    at: z.string(),
    incident: z
      .object({
        startedAt: z.string(),
        endedAt: z.string().nullable(),
        durationSeconds: z.number().nullable(),
      })
      .nullable(),
    regions: z.array(z.object({ label: z.string(), status: z.string(), message: z.string() })),
  }),
});

const EDGE: Record<string, string> = { resolved: "good", fired: "bad", changed: "warn" };

/** Renders the page. */
export function renderAlertPage(
  addresses: DemoAddresses,
  alerts: readonly ReceivedAlert[],
  trouble: VendorTrouble,
): Markup {
  return renderShell(addresses, {
    title: "Alert receiver",
    lead: "Every alert that Echoquorum delivered here, newest first, with its signature verified.",
    refreshSeconds: REFRESH_SECONDS,
    body: html`${renderTrouble(trouble)}${
      alerts.length === 0
        ? html`<section class="card">
            <p>Nothing has arrived yet. Break a target on the fault panel.</p>
          </section>`
        : alerts.map(renderCard)
    }`,
  });
}

/** What is wrong with the receivers, and the buttons that change it. */
function renderTrouble(present: VendorTrouble): Markup {
  return html`<form
    class="card ${present === "none" ? "" : "warn"}"
    method="post"
    action="/trouble"
  >
    <p>Each receiver here, Slack's and Alertmanager's too, ${VENDOR_TROUBLES[present]}.</p>
    <div class="row">
      ${Object.keys(VENDOR_TROUBLES).map(
        (kind) =>
          html`<button class="${kind === present ? "" : "quiet"}" name="trouble" value="${kind}">
            ${kind.replaceAll("_", " ")}
          </button>`,
      )}
    </div>
  </form>`;
}

function renderCard(alert: ReceivedAlert): Markup {
  const shown = shownSchema.safeParse(alert.payload);
  const signature = alert.verified ? "signature verified" : "SIGNATURE NOT VALID";
  const arrivals = alert.arrivals > 1 ? ` · arrived ${alert.arrivals} times` : "";
  const footer = html`<p class="soft small">
    <time datetime="${alert.receivedAt}">${alert.receivedAt}</time> · ${signature}${arrivals} ·
    <span class="mono">${alert.id}</span>
  </p>`;
  if (!shown.success) {
    return html`<article class="card warn">
      <h2>Something else arrived</h2>
      ${footer}
    </article>`;
  }
  const { data } = shown.data;
  return html`<article class="card ${EDGE[data.alert] ?? ""}">
    <div class="row">
      <h2>${data.title}</h2>
      <span class="badge">${data.alert} · ${data.severity}</span>
    </div>
    <p>${data.text}</p>
    ${data.cause === null ? "" : html`<p class="soft">Likely cause: ${data.cause}</p>`}
    ${data.diagnosis === undefined ? "" : html`<p class="soft">${data.diagnosis.text}</p>`}
    ${renderIncident(data.incident)} ${data.regions.length === 0 ? "" : renderRegions(data.regions)}
    ${data.link === null ? "" : html`<p><a href="${data.link}">Open the incident</a></p>`} ${footer}
  </article>`;
}

function renderIncident(
  incident: { startedAt: string; endedAt: string | null; durationSeconds: number | null } | null,
): Markup | string {
  if (incident === null) return "";
  const end =
    incident.endedAt === null
      ? "still open"
      : `ended ${incident.endedAt}, after ${incident.durationSeconds ?? 0} s`;
  return html`<p class="small">Began ${incident.startedAt}, ${end}.</p>`;
}

function renderRegions(
  regions: ReadonlyArray<{ label: string; status: string; message: string }>,
): Markup {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Region</th>
          <th scope="col">Status</th>
          <th scope="col">What it saw</th>
        </tr>
      </thead>
      <tbody>
        ${regions.map(
          ({ label, status, message }) =>
            html`<tr>
              <td>${label}</td>
              <td>${status}</td>
              <td>${message}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
