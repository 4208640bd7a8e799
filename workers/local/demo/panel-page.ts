/**
 * The fault panel as a page of plain forms: it works without scripts.
 */
import { html } from "hono/html";
import { regionLabel } from "../../../shared/regions.ts";
import { FAULTS } from "./fault.ts";
import type { DemoAddresses, Markup } from "./page-shell.ts";
import { renderShell } from "./page-shell.ts";
import { renderRegions } from "./panel-regions.ts";
import type { PanelRegion, PanelTarget } from "./panel.ts";

/** Renders the page. */
export function renderPanelPage(
  addresses: DemoAddresses,
  targets: readonly PanelTarget[],
  regions: readonly PanelRegion[],
  nowMs: number,
): Markup {
  const ids = regions.map(({ id }) => id);
  return renderShell(addresses, {
    title: "Fault panel",
    lead: "Break a target, for everyone or for chosen regions, and watch the regions agree about it.",
    refreshSeconds: null,
    body: html`${targets.map((target) => renderTarget(target, ids, nowMs))}${renderRegions(regions)}`,
  });
}

function affected(target: PanelTarget): string {
  return target.regions === null ? "everyone" : target.regions.map(regionLabel).join(", ");
}

function renderTarget(target: PanelTarget, regions: readonly string[], nowMs: number): Markup {
  const healthy = target.fault === "none";
  const facts = FAULTS[target.fault];
  const state = healthy ? "good" : target.fault === "slow" ? "warn" : "bad";
  return html`<section class="card ${state}" id="${target.id}" aria-labelledby="${target.id}-name">
    <div class="row">
      <h2 id="${target.id}-name">${target.name}</h2>
      <span class="badge">${facts.label}</span>
    </div>
    <p class="small">
      <span class="mono">${target.url}</span> ·
      ${facts.effect}${healthy ? "" : html`, for <strong>${affected(target)}</strong>`}
    </p>
    <p class="soft small">${renderSeen(target, nowMs)}</p>
    <form method="post" action="/targets/${target.id}/fault">
      <fieldset>
        <legend>What it does</legend>
        <div class="chips">
          ${Object.entries(FAULTS).map(
            ([kind, { label, effect }]) =>
              html`<label title="${effect}"
                ><input
                  type="radio"
                  name="fault"
                  value="${kind}"
                  ${kind === target.fault ? "checked" : ""}
                />${label}</label
              >`,
          )}
        </div>
      </fieldset>
      <fieldset>
        <legend>To whom (none ticked: everyone)</legend>
        <div class="chips">
          ${regions.map(
            (region) =>
              html`<label
                ><input
                  type="checkbox"
                  name="regions"
                  value="${region}"
                  ${target.regions?.includes(region) ? "checked" : ""}
                />${regionLabel(region)}</label
              >`,
          )}
        </div>
      </fieldset>
      <p class="row actions">
        <button type="submit">Apply</button>
        ${healthy ? "" : renderMendButton(target)}
      </p>
    </form>
    ${healthy ? "" : renderMendForm(target)}
  </section>`;
}

/** Submits the form beside: forms cannot be nested. */
function renderMendButton(target: PanelTarget): Markup {
  return html`<button class="quiet" type="submit" form="${target.id}-mend">
    Mend ${target.name}
  </button>`;
}

function renderMendForm(target: PanelTarget): Markup {
  return html`<form id="${target.id}-mend" method="post" action="/targets/${target.id}/fault">
    <input type="hidden" name="fault" value="none" />
  </form>`;
}

function renderSeen(target: PanelTarget, nowMs: number): string {
  const seen = Object.entries(target.seen);
  if (seen.length === 0) return "No probe has called yet.";
  const calls = seen.map(([region, at]) => {
    const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1_000));
    return `${region} ${seconds} s ago`;
  });
  return `Last calls: ${calls.join(" · ")}`;
}
