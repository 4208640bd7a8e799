/**
 * Subscribers of the status page: the API and pages with a mailbox behind the e-mail binding, and an
 * endpoint on this machine that repeats challenges, or does not.
 */
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { Env } from "../../workers/coordinator/env.ts";
import { subscriptionPageRoutes } from "../../workers/coordinator/pages/subscription-app.tsx";
import type { Answer, TestApi } from "./api-client.ts";
import { openTestApi } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { Execution } from "./execution.ts";

/** An e-mail as the binding was given it. */
export interface SentLetter {
  to: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

/** What the endpoint got. */
export interface Posted {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  json: { type?: string; data?: Record<string, unknown>; text?: string };
}

/** The world of subscribers. */
export interface SubscriberWorld {
  api: TestApi;
  letters: SentLetter[];
  posted: Posted[];
  /** Origin of the endpoint. */
  endpoint: string;
  /** How the endpoint answers: status and body for what was posted. */
  answer: (posted: Posted) => { status: number; body: string; headers?: Record<string, string> };
  /** Error that the e-mail binding fails with; null: it works. */
  mailFailure: Error | null;
  /** Subscribes through the API; what was to be sent has been sent when it answers. */
  subscribe(json: object, client?: string): Promise<Answer>;
  /** Opens a page, or sends a form to it; what was to be sent then has been. */
  visit(path: string, form?: Record<string, string | string[]> | null): Promise<Response>;
  /** The newest of at least so many letters. */
  letter(count?: number): Promise<SentLetter>;
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Repeats a challenge as JSON; takes anything else. */
export function repeat({ json }: Posted): { status: number; body: string } {
  return { status: 200, body: JSON.stringify({ challenge: json.data?.["challenge"] ?? "" }) };
}

/** The first link in a text whose path begins so. */
export function linkIn(text: string, path: string): string {
  const found = new RegExp(`https?://\\S+?(${path}[^\\s"<>|]+)`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no link to ${path} in ${text}`);
  return found;
}

/** Opens the world. */
export async function openSubscriberWorld(): Promise<SubscriberWorld> {
  const api = await openTestApi();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const json = JSON.parse(text === "" ? "{}" : text) as Posted["json"];
      const posted = { path: request.url ?? "", headers: request.headers, text, json };
      world.posted.push(posted);
      const { status, body, headers } = world.answer(posted);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const pages = subscriptionPageRoutes();
  const world: SubscriberWorld = {
    api,
    letters: [],
    posted: [],
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: repeat,
    mailFailure: null,
    subscribe: (json, client = "198.51.100.7") =>
      api.send("POST", "/api/v1/subscriptions", {
        json,
        token: null,
        headers: { "cf-connecting-ip": client },
      }),
    visit: async (path, form = null) => {
      if (form === null) return pages.request(path, {}, api.env);
      const body = new FormData();
      for (const [name, value] of Object.entries(form)) {
        for (const each of [value].flat()) body.append(name, each);
      }
      const execution = new Execution();
      const answer = await pages.request(
        path,
        { method: "POST", body },
        api.env,
        execution.context,
      );
      await execution.settle();
      return answer;
    },
    letter: (count = 1) =>
      eventually("an e-mail", 5_000, () =>
        world.letters.length >= count ? (world.letters.at(-1) ?? null) : null,
      ),
    reset: async () => {
      await api.reset();
      Object.assign(world, { letters: [], posted: [], answer: repeat, mailFailure: null });
      Object.assign(api.env, {
        ALLOW_PRIVATE_ADDRESSES: "1",
        PUBLIC_URL: "https://status.example.com",
        MAIL_FROM: "Example status <status@example.com>",
        EMAIL: {
          send: async (letter: SentLetter) => {
            if (world.mailFailure !== null) throw world.mailFailure;
            world.letters.push(letter);
            return { messageId: "1" };
          },
        },
      } satisfies Record<string, unknown> as unknown as Partial<Env>);
      for (const [id, isPublic] of [
        ["chat", true],
        ["presence", true],
        ["cellar", false],
      ] as const) {
        const name = id === "chat" ? "Chat" : id;
        const json = { id, name, url: "wss://chat.example.com/socket", public: isPublic };
        await api.send("POST", "/api/v1/monitors", { json });
      }
      api.coordinator.calls = [];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await api.close();
    },
  };
  await world.reset();
  return world;
}
