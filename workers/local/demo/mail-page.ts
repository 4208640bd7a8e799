/** What subscribers were told, newest first, with links and buttons as a mail program has them. */
import { html } from "hono/html";
import type { Arrival, Letter } from "./mailbox.ts";
import type { DemoAddresses, Markup } from "./page-shell.ts";
import { MAIL_PAGE_PATH, SLACK_PAGE_PATH, renderShell } from "./page-shell.ts";

const REFRESH_SECONDS = 3;
const URLS = /(https?:\/\/[^\s<>"]+)/;

/** Renders the page. */
export function renderMailPage(addresses: DemoAddresses, arrivals: readonly Arrival[]): Markup {
  const { alerts, statusPage } = addresses;
  return renderShell(addresses, {
    title: "Subscribers",
    lead: "What subscribers were told, newest first: e-mails, and a webhook's payloads.",
    refreshSeconds: REFRESH_SECONDS,
    body: html`<section class="card">
        <p>
          <a href="${statusPage}subscribe">Subscribe</a> with any e-mail address, with the webhook
          <span class="mono">${alerts}${MAIL_PAGE_PATH}/webhook</span>, or with the Slack webhook
          <span class="mono">${alerts}${SLACK_PAGE_PATH}/services/T0/B0/demo</span>.
        </p>
      </section>
      ${arrivals.map(renderArrival)}`,
  });
}

function renderArrival(arrival: Arrival): Markup {
  if ("letter" in arrival) return renderLetter(arrival.letter, arrival.at);
  const signature = arrival.verified ? "signature verified" : "SIGNATURE NOT VALID";
  return html`<article class="card">
    <h2>Webhook</h2>
    <pre class="mono">${JSON.stringify(arrival.payload, null, 2)}</pre>
    <p class="soft small">${arrival.at} · ${signature}</p>
  </article>`;
}

function renderLetter({ to, subject, text, headers }: Letter, at: string): Markup {
  const oneClick = /^<(.+)>$/.exec(headers["List-Unsubscribe"] ?? "")?.[1];
  return html`<article class="card">
    <div class="row">
      <h2>${subject}</h2>
      <span class="badge">e-mail</span>
    </div>
    <p class="soft small">To ${to} · ${at}</p>
    <pre class="mail">${text.split(URLS).map(linked)}</pre>
    ${
      oneClick === undefined
        ? ""
        : html`<form method="post" action="${oneClick}" target="_blank">
            <button class="quiet" name="List-Unsubscribe" value="One-Click">
              Unsubscribe on one click
            </button>
          </form>`
    }
  </article>`;
}

function linked(part: string): Markup | string {
  return URLS.test(part) ? html`<a href="${part}">${part}</a>` : part;
}
