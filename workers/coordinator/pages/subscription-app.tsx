/**
 * The pages of subscriptions: `/subscribe` with its form, and what the links in messages lead to.
 *
 * Opening a link changes nothing, because mail programs and scanners open links by themselves; a
 * button does. `POST /subscriptions/unsubscribe/…` is also what mail programs do on one click
 * (RFC 8058): it needs no cookie, leads nowhere else, and may be repeated.
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { JSX } from "hono/jsx/jsx-runtime";
import { tellCoordinator } from "../api/coordinator-calls.ts";
import { pageUrlOf } from "../api/public-status.ts";
import {
  changeSubscription,
  confirmSubscription,
  endSubscription,
  loadSubscription,
} from "../db/subscription-store.ts";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import { sealingKeysOf } from "../env.ts";
import type { FoundPage } from "../page-settings/page-directory.ts";
import { SealError } from "../../sealing.ts";
import { openSubscription } from "../subscriptions/sealed-subscription.ts";
import { subscribeContext } from "../subscriptions/subscribe-context.ts";
import type { Refusal } from "../subscriptions/subscribe.ts";
import { offeredKinds, shownMonitors, takeSubscription } from "../subscriptions/subscribe.ts";
import type { Subscription, SubscriptionKind } from "../subscriptions/subscription.ts";
import {
  SUBSCRIBED_MONITORS_MAX,
  SUBSCRIPTION_KINDS,
  isExpired,
  maskAddress,
} from "../subscriptions/subscription.ts";
import type { TokenPurpose } from "../subscriptions/token.ts";
import { idOfToken, isTokenOf, linkOf } from "../subscriptions/token.ts";
import { ASSETS } from "./assets/assets.ts";
import { ManagePage, QuestionPage, SaidPage, SubscribePage } from "./components/subscribe-page.tsx";
import { renderDocument } from "./document.tsx";
import { chooseLanguage, wordsOf } from "./language/languages.ts";
import type { Words } from "./language/words.ts";
import { fill } from "./language/words.ts";
import { NO_CACHING, pageHeaders } from "./page-headers.ts";
import { receive } from "./login.tsx";
import { Publication } from "./publication.ts";
import type { ComplaintView, ManageView, SubscribeView } from "./view-model/subscription.ts";
import { renderSite } from "./view-model/site.ts";
import { renderServices } from "./view-model/subscription.ts";

/** What the routes know: beside the bindings the page of the host name, once it was found. */
interface SubscriptionPages {
  Bindings: Env;
  Variables: { page: FoundPage | undefined };
}

type PageContext = Context<SubscriptionPages>;

/** Largest form that is read, in bytes: every service ticked fits. */
const FORM_BYTES_MAX = 32_768;
/** Longest that a visitor waits, in milliseconds; an endpoint may take eight seconds to answer. */
const DEADLINE_MS = 15_000;

/** What language a page is in, and whether its links must say so. */
interface Speech {
  words: Words;
  named: boolean;
}

/** Routes of the pages, to be mounted at the root. */
export function subscriptionPageRoutes(publication = new Publication()): Hono<SubscriptionPages> {
  const app = new Hono<SubscriptionPages>();
  for (const path of ["/subscribe", "/subscriptions/*"]) {
    app.use(path, pageHeaders({ forms: true }));
    app.use(path, bodyLimit({ maxSize: FORM_BYTES_MAX }));
    app.use(path, async (context, next) => {
      const found = await publication.find(context);
      if (found === null) return showOutage(context);
      // A link that was sent to a subscriber says for itself who may follow it.
      const isLink = context.req.path.startsWith("/subscriptions/");
      const elsewhere = isLink ? null : await receive(context, found, publication.now());
      if (elsewhere !== null) return elsewhere;
      context.set("page", found);
      return within(DEADLINE_MS, next);
    });
  }
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    const name = error instanceof Error ? error.name : "unknown";
    // oxlint-disable-next-line no-console -- structured log line, collected by the platform
    console.error(JSON.stringify({ event: "subscription_page_failed", error: name }));
    return showOutage(context);
  });
  // Where the form was sent to, asked for anew, e.g. in another language.
  app.get("/subscriptions", (context) =>
    context.redirect(`/subscribe${new URL(context.req.url).search}`, 303),
  );
  app.get("/subscribe", (context) => showForm(context, NOTHING_ASKED, null));
  app.post("/subscriptions", takeForm);
  routeConfirm(app);
  routeManage(app);
  routeUnsubscribe(app);
  return app;
}

/** What a form holds. */
interface AskedForm {
  kind: SubscriptionKind | null;
  target: string;
  monitors: string[] | null;
}

const NOTHING_ASKED: AskedForm = { kind: null, target: "", monitors: null };

async function showForm(
  context: PageContext,
  asked: AskedForm,
  refusal: Refusal | null,
): Promise<Response> {
  const { words } = speechOf(context);
  const ways = offeredKinds(context.env);
  const view: SubscribeView = {
    ways,
    chosenWay: asked.kind ?? ways[0] ?? "email",
    target: asked.target,
    services: renderServices(await choicesOf(context, words), asked.monitors),
    complaint: refusal === null ? null : complaintOf(refusal, words),
  };
  const page = <SubscribePage view={view} assets={ASSETS} />;
  return show(context, refusal === null ? 200 : STATUSES[refusal], page);
}

const STATUSES: Readonly<Record<Refusal, 422 | 429 | 503>> = {
  not_offered: 422,
  target_invalid: 422,
  target_private: 422,
  monitors_unknown: 422,
  not_reached: 422,
  not_repeated: 422,
  too_many: 429,
  full: 503,
};

function complaintOf(refusal: Refusal, words: Words): ComplaintView {
  const about =
    refusal === "monitors_unknown"
      ? "services"
      : STATUSES[refusal] === 422 && refusal !== "not_offered"
        ? "target"
        : "whole";
  return { text: words.t.subscribe.refusals[refusal], about };
}

async function takeForm(context: PageContext): Promise<Response> {
  const form = await readForm(context);
  const { words } = speechOf(context);
  const kind = SUBSCRIPTION_KINDS.find((each) => each === form.get("kind")) ?? null;
  const target = textOf(form, kind ?? "").trim();
  const asked: AskedForm = { kind, target, monitors: chosenMonitors(form) };
  if (kind === null) return showForm(context, asked, "not_offered");
  // Nobody sees this field; programs that fill in all they find are told what they want to hear.
  const found = pageOf(context);
  const isTrapped = textOf(form, "website") !== "";
  const outcome = isTrapped
    ? "pending"
    : await takeSubscription(subscribeContext(context), {
        kind,
        target,
        monitors: asked.monitors,
        language: words.language.tag,
        page: { id: found.id, url: pageUrlOf(context, found), scope: found.scope },
        client: context.req.header("cf-connecting-ip") ?? null,
      });
  if (outcome !== "pending" && outcome !== "active") return showForm(context, asked, outcome);
  if (outcome === "active") await tellCoordinator(context.env);
  const t = words.t.subscribe;
  const said = {
    email: [t.inbox, fill(t.inboxDetail, { address: words.name(target) })],
    slack: [t.channel, t.channelDetail],
    webhook: [t.endpoint, t.endpointDetail],
  }[kind];
  const [title = "", detail = ""] = said;
  return show(
    context,
    200,
    <SaidPage title={title} detail={detail} tone="operational" assets={ASSETS} />,
  );
}

/** What was sent; what is no form counts as an empty one. */
function readForm({ req }: PageContext): Promise<FormData> {
  return req.formData().catch(() => new FormData());
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Ids that are ticked; null: all are wanted. */
function chosenMonitors(form: FormData): string[] | null {
  if (form.get("services") !== "some") return null;
  return form.getAll("monitor").filter((id): id is string => typeof id === "string");
}

function routeConfirm(app: Hono<SubscriptionPages>): void {
  const path = "/subscriptions/confirm/:token";
  app.get(path, async (context) => {
    const found = await find(context, "confirm");
    if (found === null) return showInvalid(context);
    if (found.state === "active") return context.redirect(pathTo("manage", found, context), 303);
    return showQuestion(context, found, "confirm");
  });
  app.post(path, async (context) => {
    const found = await find(context, "confirm");
    if (found === null) return showInvalid(context);
    await confirmSubscription(context.env.DB, found.id, Date.now());
    await tellCoordinator(context.env);
    return context.redirect(pathTo("manage", found, context, "confirmed"), 303);
  });
}

function routeManage(app: Hono<SubscriptionPages>): void {
  const path = "/subscriptions/manage/:token";
  app.get(path, async (context) => {
    const found = await find(context, "manage");
    if (found?.state !== "active") return showInvalid(context);
    const done = (["confirmed", "saved"] as const).find(
      (each) => each === context.req.query("done"),
    );
    return showManage(context, found, done ?? null, null);
  });
  app.post(path, async (context) => {
    const found = await find(context, "manage");
    if (found?.state !== "active") return showInvalid(context);
    const { words } = speechOf(context, found);
    const monitors = chosenMonitors(await readForm(context));
    const shown = new Set((await choicesOf(context, words)).map(({ id }) => id));
    const kept = monitors?.filter((id) => shown.has(id)) ?? null;
    if (kept !== null && (kept.length === 0 || kept.length > SUBSCRIBED_MONITORS_MAX)) {
      const complaint = complaintOf("monitors_unknown", words);
      return showManage(context, { ...found, monitors: kept }, null, complaint);
    }
    await changeSubscription(context.env.DB, { id: found.id, monitors: kept }, Date.now());
    await tellCoordinator(context.env);
    return context.redirect(pathTo("manage", found, context, "saved"), 303);
  });
}

async function showManage(
  context: PageContext,
  found: Subscription,
  done: ManageView["done"],
  complaint: ComplaintView | null,
): Promise<Response> {
  const speech = speechOf(context, found);
  const view: ManageView = {
    address: addressOf(found, speech),
    services: renderServices(await choicesOf(context, speech.words), found.monitors),
    done,
    complaint,
    saveAt: pathTo("manage", found, context),
    unsubscribeAt: pathTo("unsubscribe", found, context),
  };
  const page = <ManagePage view={view} assets={ASSETS} />;
  return show(context, complaint === null ? 200 : 422, page, speech);
}

function routeUnsubscribe(app: Hono<SubscriptionPages>): void {
  const path = "/subscriptions/unsubscribe/:token";
  app.get(path, async (context) => {
    const found = await find(context, "unsubscribe");
    if (found === null) return showEnded(context, speechOf(context));
    return showQuestion(context, found, "unsubscribe");
  });
  app.post(path, async (context) => {
    const found = await find(context, "unsubscribe");
    const speech = speechOf(context, found);
    if (found !== null) {
      await endSubscription(context.env.DB, found.id, "unsubscribed", Date.now());
      await tellCoordinator(context.env);
    }
    return showEnded(context, speech);
  });
}

/** Asks for the click that does what a link is for. */
function showQuestion(
  context: PageContext,
  found: Subscription,
  purpose: "confirm" | "unsubscribe",
): Response {
  const speech = speechOf(context, found);
  const t = speech.words.t.subscribe;
  const page = (
    <QuestionPage
      title={t[`${purpose}Title`]}
      detail={fill(t[`${purpose}Detail`], { address: addressOf(found, speech) })}
      action={pathTo(purpose, found, context)}
      label={t[purpose]}
      assets={ASSETS}
    />
  );
  return show(context, 200, page, speech);
}

/** Of what is not there any more nobody can say whose it was: it is as if it had ended. */
function showEnded(context: PageContext, speech: Speech): Response {
  const { ended: title, endedDetail: detail } = speech.words.t.subscribe;
  const page = <SaidPage title={title} detail={detail} tone="operational" assets={ASSETS} />;
  return show(context, 200, page, speech);
}

function showInvalid(context: PageContext): Response {
  const { invalid: title, invalidDetail: detail } = speechOf(context).words.t.subscribe;
  return show(
    context,
    404,
    <SaidPage title={title} detail={detail} tone="unknown" assets={ASSETS} />,
  );
}

/** The subscription that a link is about, for who has the link; null: there is none. */
async function find(context: PageContext, purpose: TokenPurpose): Promise<Subscription | null> {
  const { env, req } = context;
  const token = req.param("token") ?? "";
  const id = idOfToken(token);
  const stored = id === null ? null : await loadSubscription(env.DB, id);
  if (stored === null || stored.state === "ended" || isExpired(stored, Date.now())) return null;
  // Whatever becomes of a page, what was made on it can be ended.
  if (purpose !== "unsubscribe" && stored.page !== pageOf(context).id) return null;
  try {
    const found = await openSubscription(stored, sealingKeysOf(env));
    const isProven = await isTokenOf(purpose, token, { id: found.id, key: found.target.key });
    return isProven ? found : null;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Path to another page of the same subscription, in the language of this one. */
function pathTo(
  purpose: TokenPurpose,
  { id, target }: Subscription,
  context: PageContext,
  done?: ManageView["done"],
): string {
  const { pathname } = new URL(linkOf(purpose, id, target));
  const { tag, named } = chooseLanguage(context);
  const query = new URLSearchParams({ ...(named ? { lang: tag } : {}), ...(done ? { done } : {}) });
  return query.size === 0 ? pathname : `${pathname}?${query.toString()}`;
}

/** The visitor's language: as the address says, else as was chosen when subscribing. */
function speechOf(context: PageContext, found: Subscription | null = null): Speech {
  const { tag, named } = chooseLanguage(context);
  const spoken = named || found === null ? tag : found.language;
  return { words: wordsOf(spoken), named: named || spoken !== tag };
}

function addressOf({ kind, target }: Subscription, { words }: Speech): string {
  return words.name(maskAddress(kind, target.address));
}

/** The page of the host name, which the first of the handlers has found. */
function pageOf(context: PageContext): FoundPage {
  const found = context.get("page");
  if (found === undefined) throw new Error("the page of the host name was not looked for");
  return found;
}

async function choicesOf(
  context: PageContext,
  words: Words,
): Promise<Array<{ id: string; name: string }>> {
  const monitors = await shownMonitors(context.env, pageOf(context).scope);
  return monitors.map(({ id, name }) => ({ id, name: words.name(name) }));
}

function showOutage(context: PageContext): Response {
  const { outage: title, outageDetail: detail } = speechOf(context).words.t.notice;
  const page = <SaidPage title={title} detail={detail} tone="unknown" assets={ASSETS} />;
  return show(context, 503, page);
}

function show(
  context: PageContext,
  status: 200 | 404 | 422 | 429 | 503,
  page: JSX.Element,
  speech: Speech = speechOf(context),
): Response {
  const { words, named } = speech;
  const site = renderSite(context.get("page")?.page ?? null, new URL(context.req.url).origin);
  const done = context.req.query("done");
  const query = done === undefined ? "" : `done=${encodeURIComponent(done)}&`;
  const html = renderDocument({ words, site, named }, (tag) => `?${query}lang=${tag}`, page);
  return context.body(html, status, {
    "content-type": "text/html; charset=UTF-8",
    "content-language": words.language.tag,
    "cache-control": NO_CACHING,
    "x-robots-tag": "noindex",
  });
}
