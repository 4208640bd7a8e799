/**
 * `/channels`: where alerts go.
 *
 * A channel is shown without its secrets, and what was shown can be sent back: it keeps what is
 * stored. A signing secret that is made here is shown once, in the answer that made it.
 */
import { parseDuration } from "../../../shared/duration.ts";
import { isPrivateHost } from "../channels/address.ts";
import { REDACTED, renderChannel } from "../channels/channel-view.ts";
import type { Channel, ChannelInput } from "../channels/channel.ts";
import {
  SECRET_BYTES,
  channelInputSchema,
  channelSchema,
  completeChannel,
  declarationOf,
  rotateSecret,
  targetOf,
} from "../channels/channel.ts";
import { SealError } from "../../sealing.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { openChannel, sealChannel } from "../channels/stored-channel.ts";
import {
  createChannel,
  deleteChannel,
  isRouted,
  listChannelIds,
  listMonitorsNaming,
  loadChannel,
  loadChannels,
  saveChannel,
} from "../db/channel-store.ts";
import type { Env } from "../env.ts";
import { networkOf, sealingKeysOf } from "../env.ts";
import {
  createChannelOperation,
  deleteChannelOperation,
  listChannelsOperation,
  patchChannelOperation,
  putChannelOperation,
  readChannelOperation,
  rotateSecretOperation,
  testChannelOperation,
} from "./channel-operations.ts";
import { WORK_DEADLINE_MS, askAboutStored, tellCoordinator } from "./coordinator-calls.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { renderMoment } from "./moment.ts";
import { mergePatch } from "./merge-patch.ts";
import type { FieldError } from "./problem.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import { slugOf, uniqueSlug } from "./slug.ts";

/** Routes of `/channels`. */
export function channelRoutes(): Router {
  const router = createRouter();
  routeReads(router);
  routeWrites(router);
  routeRotation(router);
  return router;
}

/** Routes that change no channel. */
function routeReads(router: Router): void {
  router.openapi(listChannelsOperation, async (context) => {
    const { env } = context;
    const channels = await loadChannels(env.DB);
    const shown = await Promise.all(channels.map((stored) => renderStored(env, stored)));
    return context.json(shown, 200);
  });

  router.openapi(readChannelOperation, async (context) => {
    const { id } = context.req.valid("param");
    const stored = await loadChannel(context.env.DB, id);
    if (stored === null) throw notFound("channel", id);
    return context.json(await renderStored(context.env, stored), 200);
  });

  router.openapi(testChannelOperation, async (context) => {
    const { id } = context.req.valid("param");
    if ((await loadChannel(context.env.DB, id)) === null) throw notFound("channel", id);
    const result = await askAboutStored(
      context.env,
      (coordinator) => coordinator.testChannel(id),
      WORK_DEADLINE_MS,
    );
    const { delivered, status, error } = result;
    return context.json({ delivered, status, error }, 200);
  });
}

/** Routes that change channels. */
function routeWrites(router: Router): void {
  router.openapi(createChannelOperation, async (context) => {
    const { env } = context;
    const input = context.req.valid("json");
    const id = input.id ?? uniqueSlug(slugOf(input.name, input.kind), await listChannelIds(env.DB));
    const { channel, newSecret } = complete(env, input, id, null);
    const sealed = await seal(env, channel);
    const outcome = await createChannel(env.DB, networkOf(env), sealed, Date.now());
    if (outcome === "conflict") {
      throw new ProblemError(
        "conflict",
        `There is a channel with the id "${id}" already. Choose another, or replace it with PUT.`,
      );
    }
    await tellCoordinator(env);
    return context.json(renderWithNewSecret(channel, newSecret), 201, {
      location: locationOf(channel),
    });
  });

  router.openapi(putChannelOperation, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    const stored = await loadChannel(env.DB, id);
    // What cannot be opened any more can still be replaced.
    const previous =
      stored === null ? null : await openChannel(stored, sealingKeysOf(env)).catch(unopened);
    const { channel, newSecret } = complete(env, context.req.valid("json"), id, previous);
    await saveChannel(env.DB, networkOf(env), await seal(env, channel), Date.now());
    await tellCoordinator(env);
    const shown = renderWithNewSecret(channel, newSecret);
    return stored === null
      ? context.json(shown, 201, { location: locationOf(channel) })
      : context.json(shown, 200);
  });

  router.openapi(patchChannelOperation, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    const previous = await requireChannel(env, id);
    const merged = mergePatch(declarationOf(previous), context.req.valid("json"));
    const patched = channelInputSchema.safeParse(merged);
    if (!patched.success) throw invalidBody(renderFieldErrors(patched.error));
    const { channel, newSecret } = complete(env, patched.data, id, previous);
    await saveChannel(env.DB, networkOf(env), await seal(env, channel), Date.now());
    await tellCoordinator(env);
    return context.json(renderWithNewSecret(channel, newSecret), 200);
  });

  router.openapi(deleteChannelOperation, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    if (!(await deleteChannel(env.DB, networkOf(env), id, Date.now()))) {
      await explainUndeleted(env, id);
    }
    await tellCoordinator(env);
    return context.body(null, 204);
  });
}

/** The route that replaces a signing secret. */
function routeRotation(router: Router): void {
  router.openapi(rotateSecretOperation, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    const previous = await requireChannel(env, id);
    if (previous.kind !== "webhook") {
      throw new ProblemError("conflict", `The channel "${id}" is no webhook: it signs nothing.`);
    }
    const { secret = null, keepFor } = context.req.valid("json");
    const nowMs = Date.now();
    const untilMs = nowMs + (parseDuration(keepFor) ?? 0);
    const randomBytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    const rotated = rotateSecret(previous, { secret, randomBytes, untilMs, nowMs });
    await saveChannel(env.DB, networkOf(env), await seal(env, rotated.channel), nowMs);
    await tellCoordinator(env);
    const answer = { secret: rotated.newSecret, formerUntil: renderMoment(untilMs) };
    return context.json(answer, 200);
  });
}

function locationOf(channel: Channel): string {
  return `/api/v1/channels/${channel.id}`;
}

/** Loads and opens a channel that is to be changed. */
async function requireChannel(env: Env, id: string): Promise<Channel> {
  const stored = await loadChannel(env.DB, id);
  if (stored === null) throw notFound("channel", id);
  const channel = await openChannel(stored, sealingKeysOf(env)).catch(unopened);
  if (channel !== null) return channel;
  throw new ProblemError(
    "conflict",
    `The secrets of the channel "${id}" cannot be opened: the key that sealed them is not in ` +
      "ECHOQUORUM_SEALING_KEY. Put it back, or replace the channel with PUT.",
  );
}

/** Null for what no key opens. */
function unopened(error: unknown): null {
  if (error instanceof SealError) return null;
  throw error;
}

/** What may be shown of a stored channel; of one that cannot be opened that, and its name. */
async function renderStored(env: Env, stored: StoredChannel) {
  const channel = await openChannel(stored, sealingKeysOf(env)).catch(unopened);
  if (channel !== null) return renderChannel(channel);
  const { id, name, kind } = stored;
  return { id, name, kind, settings: {}, unreadable: true };
}

/** Seals a channel; says what to do where there is no key to do it with. */
async function seal(env: Env, channel: Channel): Promise<StoredChannel> {
  try {
    return await sealChannel(channel, sealingKeysOf(env));
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new ProblemError(
      "not-configured",
      `The secrets of a channel cannot be sealed: ${error.message}. Nothing was changed. Set one ` +
        "with `openssl rand -base64 32 | npx wrangler secret put ECHOQUORUM_SEALING_KEY " +
        "--env coordinator`.",
    );
  }
}

function renderWithNewSecret(channel: Channel, newSecret: string | null) {
  const { settings, ...shown } = renderChannel(channel);
  return {
    ...shown,
    settings: newSecret === null ? settings : { ...settings, secret: newSecret },
  };
}

/** Completes a declared channel and applies the rules that its schema cannot know. */
function complete(env: Env, input: ChannelInput, id: string, previous: Channel | null) {
  if (input.id !== undefined && input.id !== id) {
    throw invalidBody([{ field: "id", message: `expected ${JSON.stringify(id)}, as in the path` }]);
  }
  const randomBytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const completed = completeChannel(input, { id, previous, randomBytes });
  // The id may come from the path, which no schema has looked at yet.
  const whole = channelSchema.safeParse(completed.channel);
  if (!whole.success) throw invalidBody(renderFieldErrors(whole.error));
  const repeated = findRedacted(completed.channel);
  if (repeated !== null) throw invalidBody([repeated]);
  const { url, field } = targetOf(completed.channel);
  if (env.ALLOW_PRIVATE_ADDRESSES !== "1" && isPrivateHost(new URL(url).hostname)) {
    const message = "expected a public host; alerts are not sent to private addresses";
    throw invalidBody([{ field, message }]);
  }
  return completed;
}

/** A field that repeats what stands for a secret where none is stored; null: there is none. */
function findRedacted(channel: Channel): FieldError | null {
  const { url, field } = targetOf(channel);
  if (url.includes(REDACTED)) {
    return { field, message: `expected the whole URL: ${REDACTED} stands for what is stored` };
  }
  const found = Object.entries(channel.settings).find(([, value]) => value === REDACTED);
  if (found === undefined) return null;
  const message = `expected the secret: ${REDACTED} stands for what is stored, and nothing is`;
  return { field: `settings.${found[0]}`, message };
}

async function explainUndeleted(env: Env, id: string): Promise<never> {
  const monitors = await listMonitorsNaming(env.DB, id);
  if (monitors.length === 0 && (await isRouted(env.DB, id))) {
    const detail = `A route of the alert policy names the channel "${id}". Change that first.`;
    throw new ProblemError("conflict", detail);
  }
  if (monitors.length === 0) throw notFound("channel", id);
  throw new ProblemError(
    "conflict",
    `Monitors name the channel "${id}" in notify and would fall silent: ${monitors.join(", ")}. ` +
      "Change them first.",
  );
}
