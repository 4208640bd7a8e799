/**
 * Stands in for Cloudflare's Email Service: a Worker whose entrypoint is called as the binding is, and
 * which hands each e-mail to the demo's mailbox. What goes wrong there is an error of the service.
 */
import type { V4WorkerOptions } from "miniflare";

const NAME = "mail-simulator";
const SOURCE = `
import { WorkerEntrypoint } from "cloudflare:workers";
export class Mailbox extends WorkerEntrypoint {
  async send(letter) {
    const answer = await fetch(this.env.MAILBOX_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(letter),
    });
    if (answer.ok) return { messageId: crypto.randomUUID() };
    const said = await answer.text();
    throw new Error(said.startsWith("E_") ? said : "E_INTERNAL_SERVER_ERROR");
  }
}
export default { fetch: () => new Response(null, { status: 404 }) };
`;

/** The Worker, to be started beside the others. */
export function mailSimulator(mailboxUrl: string, compatibilityDate: string): V4WorkerOptions {
  return {
    name: NAME,
    compatibilityDate,
    modules: [{ type: "ESModule", path: "index.js", contents: SOURCE }],
    bindings: { MAILBOX_URL: mailboxUrl },
  };
}

/** What the coordinator is bound to in the place of `send_email`. */
export const MAIL_BINDING = { EMAIL: { name: NAME, entrypoint: "Mailbox" } } as const;

/** Sender of e-mails that go nowhere. */
export const MAIL_FROM = "Echoquorum <status@localhost.example>";
