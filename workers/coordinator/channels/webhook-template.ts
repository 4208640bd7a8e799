/**
 * A template that replaces a webhook's payload, for receivers that take a form of their own.
 *
 * Logic-less, a part of Mustache (mustache.github.io, mustache(5)): `{{name}}` and `{{a.b}}` insert
 * values, `{{.}}` the present item; `{{#list}}…{{/list}}` repeats for each item, or shows once for
 * an object or a value that is there; `{{^list}}…{{/list}}` shows where there is none. Unlike there,
 * names are looked up from the present item outwards and must exist in the payload's schema, and
 * values are escaped for the media type, not for HTML. Nothing is evaluated. Pure.
 */
import { z } from "zod";
import { sampleMessages } from "../../../shared/alert/sample-message.ts";
import type { WebhookPayload } from "./webhook-payload.ts";
import { renderPayload, webhookPayloadSchema } from "./webhook-payload.ts";

/** A template. */
export interface Template {
  contentType: string;
  body: string;
}

type Node =
  | { type: "text"; text: string }
  | { type: "value"; name: string }
  | { type: "section"; name: string; inverted: boolean; nodes: Node[] };

/** The part of JSON Schema that zod gives for the payload. */
interface Shape {
  properties?: Record<string, Shape>;
  additionalProperties?: Shape | boolean;
  items?: Shape;
  anyOf?: Shape[];
}

/** Moment of the samples: any will do. */
const SAMPLE_AT_MS = Date.UTC(2026, 0, 1);
/** Most sections within each other. */
const DEPTH_MAX = 8;

/** Renders a payload; the template must have no mistakes. */
export function renderTemplate({ contentType, body }: Template, payload: WebhookPayload): string {
  const escape = isJson(contentType) ? escapeJson : (text: string) => text;
  return renderNodes(parseTemplate(body), [payload, payload.data], escape);
}

/**
 * What is wrong with a template: syntax, names that no payload has, and for JSON a result that is
 * none for one of the messages that may come.
 */
export function findTemplateMistakes(template: Template): string[] {
  let nodes: Node[];
  try {
    nodes = parseTemplate(template.body);
  } catch (error) {
    return [error instanceof TemplateError ? error.message : "expected a template"];
  }
  const shape = z.toJSONSchema(webhookPayloadSchema) as Shape;
  const unknown = findUnknownNames(nodes, [shape, ...child(shape, "data")]);
  if (unknown.length > 0) {
    return unknown.map((name) => `expected the name of a field of the payload, not {{${name}}}`);
  }
  if (!isJson(template.contentType)) return [];
  for (const message of sampleMessages(SAMPLE_AT_MS)) {
    const text = renderTemplate(template, renderPayload("sample", message));
    if (!isValidJson(text)) {
      return [`expected JSON, which it is not for a message that is ${message.alert}`];
    }
  }
  return [];
}

class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** @throws TemplateError that says what is wrong */
function parseTemplate(body: string): Node[] {
  const root: Node[] = [];
  const open: Array<{ name: string; nodes: Node[] }> = [];
  let nodes = root;
  let end = 0;
  for (const tag of body.matchAll(/\{\{\s*([#^/]?)\s*([\w.-]*)\s*\}\}/g)) {
    const [whole, sign, name = ""] = tag;
    pushText(nodes, body.slice(end, tag.index));
    end = tag.index + whole.length;
    if (!/^(\.|[\w-]+(\.[\w-]+)*)$/.test(name)) {
      throw new TemplateError(`expected a name, not ${whole}`);
    }
    if (sign === "/") {
      const section = open.pop();
      if (section?.name !== name) throw new TemplateError(`expected no ${whole} here`);
      nodes = open.at(-1)?.nodes ?? root;
    } else if (sign === "") nodes.push({ type: "value", name });
    else {
      const section: Node = { type: "section", name, inverted: sign === "^", nodes: [] };
      nodes.push(section);
      open.push(section);
      nodes = section.nodes;
      if (open.length > DEPTH_MAX) throw new TemplateError("expected fewer sections in each other");
    }
  }
  pushText(nodes, body.slice(end));
  const [unclosed] = open;
  if (unclosed !== undefined) throw new TemplateError(`expected {{/${unclosed.name}}} at its end`);
  return root;
}

function pushText(nodes: Node[], text: string): void {
  if (text.includes("{{")) {
    throw new TemplateError("expected tags such as {{title}}: {{ without a name and }} is none");
  }
  if (text !== "") nodes.push({ type: "text", text });
}

function renderNodes(
  nodes: readonly Node[],
  scopes: readonly unknown[],
  escape: (text: string) => string,
): string {
  return nodes
    .map((node) => {
      if (node.type === "text") return node.text;
      const value = lookUp(node.name, scopes);
      if (node.type === "value") return escape(textOf(value));
      const items = itemsOf(value);
      if (node.inverted) return items.length === 0 ? renderNodes(node.nodes, scopes, escape) : "";
      return items.map((item) => renderNodes(node.nodes, [...scopes, item], escape)).join("");
    })
    .join("");
}

/** From the innermost scope outwards; undefined where nobody has the name. */
function lookUp(name: string, scopes: readonly unknown[]): unknown {
  if (name === ".") return scopes.at(-1);
  const [first = "", ...rest] = name.split(".");
  const holder = scopes.findLast((scope) => isRecord(scope) && Object.hasOwn(scope, first));
  return [first, ...rest].reduce<unknown>(
    (value, part) => (isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined),
    holder,
  );
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || value === false ? [] : [value];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names that the payload never has, in the order in which they stand. */
function findUnknownNames(nodes: readonly Node[], scopes: readonly Shape[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === "text") return [];
    const found = find(node.name, scopes);
    if (found.length === 0) return [node.name];
    if (node.type === "value") return [];
    const inner = found
      .flatMap((shape) => alternatives(shape))
      .map((shape) => shape.items ?? shape);
    return findUnknownNames(node.nodes, node.inverted ? scopes : [...scopes, ...inner]);
  });
}

function find(name: string, scopes: readonly Shape[]): Shape[] {
  if (name === ".") return scopes.slice(-1);
  const [first = "", ...rest] = name.split(".");
  return rest.reduce(
    (shapes, part) => shapes.flatMap((shape) => child(shape, part)),
    scopes.flatMap((shape) => child(shape, first)),
  );
}

function child(shape: Shape, name: string): Shape[] {
  return alternatives(shape).flatMap(({ properties = {}, additionalProperties }) => {
    if (Object.hasOwn(properties, name)) return [properties[name] ?? {}];
    return typeof additionalProperties === "object" ? [additionalProperties] : [];
  });
}

function alternatives(shape: Shape): Shape[] {
  return shape.anyOf === undefined ? [shape] : shape.anyOf.flatMap(alternatives);
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(contentType);
}

/** As within a JSON string, without its quotes. */
function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function isValidJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is what was asked.
    return false;
  }
}
