/**
 * Control targets: a few very stable servers that a healthy vantage always reaches. Each run looks
 * at them beside its checks, over the same kind of socket, so that the coordinator can tell a target
 * that fails from a region that does.
 *
 * A control passes when the server answers a request at all (any HTTP status below 500) in time.
 * They are looked at in an invocation of their own: connections that hang end with it, and take no
 * place from the checks.
 */
import { parseControlTargets } from "../../shared/probe/control-target.ts";
import type { ControlsResult } from "../../shared/probe/run.ts";
import { SPLIT_AFTER_MS } from "../../shared/probe/run.ts";
import { userAgent } from "../../shared/version.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { Env } from "./env.ts";
import { report } from "./journal.ts";
import type { OpenSocket } from "./sockets.ts";
import { dialTcp, dialTls } from "./sockets.ts";

/** Longest wait for a control, in milliseconds: it must be known when a run is first written. */
const CONTROL_MAX_MS = SPLIT_AFTER_MS - 300;
/** `HTTP/1.1 200`: all that is read of an answer. */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-4])\d\d/;
const STATUS_LINE_BYTES = 12;

/** Looks at all control targets; null: there are none. */
export async function performControls(env: Env): Promise<ControlsResult | null> {
  const targets = parseControlTargets(env.CONTROL_TARGETS ?? "");
  if (targets.length === 0) return null;
  const passes = await Promise.all(targets.map((url) => passesControl(url, userAgent(env.REGION))));
  const passed = passes.filter((pass) => pass).length;
  return { passed, failed: passes.length - passed };
}

/** Has the control targets looked at in an invocation of their own; null: none, or not known. */
export async function requestControls(env: Env): Promise<ControlsResult | null> {
  if (parseControlTargets(env.CONTROL_TARGETS ?? "").length === 0) return null;
  const post = async () => {
    const response = await env.SELF.fetch("http://probe/controls", { method: "POST", body: "{}" });
    return await response.json<ControlsResult | null>();
  };
  const settled = await settleBy(post(), monotonicNowMs() + SPLIT_AFTER_MS);
  if (settled.type === "value") return settled.value;
  // That the platform could not run them says nothing about the vantage.
  report("controls_failed", { timedOut: settled.type === "timeout" });
  return null;
}

async function passesControl(url: URL, agent: string): Promise<boolean> {
  const deadlineMs = monotonicNowMs() + CONTROL_MAX_MS;
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const endpoint = { hostname: url.hostname, port };
  let socket: OpenSocket | null = null;
  if (secure) {
    const dialled = await dialTls(endpoint, deadlineMs);
    if (dialled.type === "open") socket = dialled.connection;
  } else {
    const dialled = await dialTcp(endpoint, false, deadlineMs);
    if (dialled.type === "open") socket = dialled.connection.open();
  }
  if (socket === null) return false;
  const settled = await settleBy(answers(socket, url, agent), deadlineMs);
  await socket.close();
  return settled.type === "value" && settled.value;
}

async function answers(socket: OpenSocket, url: URL, agent: string): Promise<boolean> {
  const head = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: ${agent}\r\n`;
  await socket.writer.write(new TextEncoder().encode(`${head}Connection: close\r\n\r\n`));
  let text = "";
  while (text.length < STATUS_LINE_BYTES) {
    const { done, value } = await socket.reader.read();
    if (done) break;
    text += new TextDecoder("latin1").decode(value);
  }
  return STATUS_LINE.test(text);
}
