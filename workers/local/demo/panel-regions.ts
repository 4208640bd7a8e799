/**
 * The part of the fault panel that troubles the network's own regions: a cron that stops, a probe
 * that does not answer, a vantage that sees nothing, a region that runs where another does.
 */
import { html } from "hono/html";
import { findRegion } from "../../../shared/regions.ts";
import type { Markup } from "./page-shell.ts";
import type { PanelRegion } from "./panel.ts";

const SWITCHES = [
  ["cronStopped", "Cron stopped", "the coordinator asks its probe for every run"],
  ["probeStopped", "Probe stopped", "it neither runs nor answers: the region falls silent"],
  ["blind", "Blind", "its control targets fail: it is suspended from voting"],
] as const;

/** Renders a card for all regions. */
export function renderRegions(regions: readonly PanelRegion[]): Markup {
  return html`<section class="card" id="regions" aria-labelledby="regions-name">
    <h2 id="regions-name">Regions</h2>
    <p class="small">
      What goes wrong with Echoquorum itself is never held against a target. Whoever reports at all
      is believed only as far as it can see.
    </p>
    ${regions.map((region) => renderRegion(region, regions))}
  </section>`;
}

function renderRegion(region: PanelRegion, regions: readonly PanelRegion[]): Markup {
  const own = coloOf(region.id);
  const places = [...new Set(regions.map(({ id }) => coloOf(id)))].filter((colo) => colo !== own);
  return html`<form method="post" action="/regions/${region.id}/trouble">
    <fieldset>
      <legend>${region.label}</legend>
      <div class="chips">
        ${SWITCHES.map(
          ([name, label, effect]) =>
            html`<label title="${effect}"
              ><input
                type="checkbox"
                name="${name}"
                value="1"
                ${region[name] ? "checked" : ""}
              />${label}</label
            >`,
        )}
        <label
          >Runs in
          <select name="colo">
            <option value="">${own}</option>
            ${places.map(
              (colo) =>
                html`<option value="${colo}" ${region.colo === colo ? "selected" : ""}>
                  ${colo}
                </option>`,
            )}
          </select></label
        >
        <button type="submit" aria-label="Apply to ${region.label}">Apply</button>
      </div>
    </fieldset>
  </form>`;
}

function coloOf(region: string): string {
  return findRegion(region)?.expectedColos[0] ?? "";
}
