/**
 * `/channels`: where alerts go.
 *
 * A channel is shown without its secrets, and what was shown can be sent back: it keeps what is
 * stored. A signing secret that is made here is shown once, in the answer that made it.
 */
import { isPrivateHost } from "../channels/address.ts";
import type { Channel, ChannelInput } from "../channels/channel.ts";
import {
  REDACTED,
  SECRET_BYTES,
  channelInputSchema,
  channelSchema,
  completeChannel,
  renderChannel,
} from "../channels/channel.ts";
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
import {
  createChannelOperation,
  deleteChannelOperation,
  listChannelsOperation,
  patchChannelOperation,
  putChannelOperation,
  readChannelOperation,
  testChannelOperation,
} from "./channel-operations.ts";
import { WORK_DEADLINE_MS, askAboutStored, tellCoordinator } from "./coordinator-calls.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { mergePatch } from "./merge-patch.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, networkOf } from "./router.ts";
import { slugOf, uniqueSlug } from "./slug.ts";

/** Routes of `/channels`. */
export function channelRoutes(): Router {
  const router = createRouter();
  routeReads(router);
  routeWrites(router);
  return router;
}

/** Routes that change no channel. */
function routeReads(router: Router): void {
  router.openapi(listChannelsOperation, async (context) => {
    const channels = await loadChannels(context.env.DB);
    return context.json(channels.map(renderChannel), 200);
  });

  router.openapi(readChannelOperation, async (context) => {
    const { id } = context.req.valid("param");
    return context.json(renderChannel(await requireChannel(context.env, id)), 200);
  });

  router.openapi(testChannelOperation, async (context) => {
    const { id } = context.req.valid("param");
    await requireChannel(context.env, id);
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
    const outcome = await createChannel(env.DB, networkOf(env), channel, Date.now());
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
    const previous = await loadChannel(env.DB, id);
    const { channel, newSecret } = complete(env, context.req.valid("json"), id, previous);
    await saveChannel(env.DB, networkOf(env), channel, Date.now());
    await tellCoordinator(env);
    const shown = renderWithNewSecret(channel, newSecret);
    return previous === null
      ? context.json(shown, 201, { location: locationOf(channel) })
      : context.json(shown, 200);
  });

  router.openapi(patchChannelOperation, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    const previous = await requireChannel(env, id);
    const patched = channelInputSchema.safeParse(mergePatch(previous, context.req.valid("json")));
    if (!patched.success) throw invalidBody(renderFieldErrors(patched.error));
    const { channel, newSecret } = complete(env, patched.data, id, previous);
    await saveChannel(env.DB, networkOf(env), channel, Date.now());
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

function locationOf(channel: Channel): string {
  return `/api/v1/channels/${channel.id}`;
}

async function requireChannel(env: Env, id: string): Promise<Channel> {
  const channel = await loadChannel(env.DB, id);
  if (channel === null) throw notFound("channel", id);
  return channel;
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
  const { url } = completed.channel.settings;
  if (url.includes(REDACTED)) {
    const message = `expected the whole URL: ${REDACTED} stands for what is stored`;
    throw invalidBody([{ field: "settings.url", message }]);
  }
  if (env.ALLOW_PRIVATE_ADDRESSES !== "1" && isPrivateHost(new URL(url).hostname)) {
    const message = "expected a public host; alerts are not sent to private addresses";
    throw invalidBody([{ field: "settings.url", message }]);
  }
  return completed;
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
