/**
 * What the demo's subscribers are told: e-mails that the stand-in for Cloudflare's Email Service was
 * given, and what arrived at a webhook that repeats each challenge. In memory, to be looked at.
 */
import { Hono } from "hono";
import { Webhook } from "standardwebhooks";
import { z } from "zod";

/** Messages that are kept. */
const MESSAGES_MAX = 200;

/** The parts of an e-mail that the binding takes. */
const letterSchema = z.object({
  to: z.string(),
  from: z.union([z.string(), z.object({ name: z.string(), email: z.string() })]),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  headers: z.record(z.string(), z.string()),
});

/** An e-mail. */
export type Letter = z.output<typeof letterSchema>;

/** One message that arrived. */
export type Arrival = { at: string } & (
  { letter: Letter } | { payload: unknown; verified: boolean }
);

const payloadSchema = z.object({
  type: z.string(),
  data: z.object({ challenge: z.string().optional(), secret: z.string().optional() }),
});

/** The mailbox. */
export class Mailbox {
  /** Newest first. */
  readonly arrivals: Arrival[] = [];
  /** Signing secrets that challenges brought. */
  readonly #secrets = new Set<string>();

  takeLetter(letter: Letter): void {
    this.#add({ letter });
  }

  /** Takes what a webhook is sent; the challenge to be repeated, or null. */
  takePayload(body: string, headers: Record<string, string>): string | null {
    const payload: unknown = JSON.parse(body);
    const { data } = payloadSchema.parse(payload);
    if (data.secret !== undefined) this.#secrets.add(data.secret);
    this.#add({ payload, verified: [...this.#secrets].some((each) => fits(each, body, headers)) });
    return data.challenge ?? null;
  }

  #add(arrival: { letter: Letter } | { payload: unknown; verified: boolean }): void {
    this.arrivals.unshift({ at: new Date().toISOString(), ...arrival });
    this.arrivals.splice(MESSAGES_MAX);
  }
}

function fits(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    // Another's, or too old.
    return false;
  }
}

/** Routes: `/letters` takes e-mails, `/webhook` what a subscribed endpoint is sent. */
export function mailboxApp(mailbox: Mailbox): Hono {
  const app = new Hono();
  app.post("/letters", async (context) => {
    const parsed = letterSchema.safeParse(await context.req.json());
    if (!parsed.success) return context.text("E_VALIDATION_ERROR", 422);
    mailbox.takeLetter(parsed.data);
    return context.body(null, 204);
  });
  app.post("/webhook", async (context) => {
    const headers = Object.fromEntries(context.req.raw.headers);
    const challenge = mailbox.takePayload(await context.req.text(), headers);
    return challenge === null ? context.body(null, 204) : context.json({ challenge });
  });
  app.get("/arrivals", (context) => context.json({ arrivals: mailbox.arrivals }));
  return app;
}
