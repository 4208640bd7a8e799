/** The API's OpenAPI description as a yardstick: whether an answer is one that it declares. */
import { z } from "zod";

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0] & object;

/** The parts of an OpenAPI 3.1 document that tests look at. */
export interface ApiDescription {
  openapi: string;
  info: { title: string; version: string };
  security: unknown[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    securitySchemes: Record<string, object>;
  };
}

/** One method of one path. */
export interface DescribedOperation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: Array<{ name: string; in: string; required: boolean; schema: object }>;
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

/** The same part with references as JSON Schema spells them. */
function withLocalReferences<T extends object>(part: T): T {
  return JSON.parse(JSON.stringify(part).replaceAll("#/components/schemas/", "#/$defs/")) as T;
}

/** The JSON Schema of a part of the description as a validator. */
export function schemaOf(description: ApiDescription, schema: object): z.ZodType {
  const $defs = withLocalReferences(description.components.schemas);
  return z.fromJSONSchema({ ...withLocalReferences(schema), $defs });
}

/** The described operation that serves a request; undefined: none does. */
export function findOperation(
  description: ApiDescription,
  method: string,
  path: string,
): DescribedOperation | undefined {
  const segments = path.replace(/\?.*$/, "").split("/");
  const found = Object.entries(description.paths).find(([template]) => {
    const parts = template.split("/");
    return (
      parts.length === segments.length &&
      parts.every((part, index) => part.startsWith("{") || part === segments[index])
    );
  });
  return found?.[1][method.toLowerCase()];
}

/**
 * What is wrong with an answer by the description; null: nothing, or the description does not know
 * the request.
 */
export function findDeviation(
  description: ApiDescription,
  request: { method: string; path: string },
  answer: { status: number; contentType: string | null; json: unknown },
): string | null {
  const operation = findOperation(description, request.method, request.path);
  if (operation === undefined) return null;
  const response = operation.responses[String(answer.status)];
  if (response === undefined) return `status ${answer.status} is not described`;
  const [type = ""] = (answer.contentType ?? "").split(";");
  const content = response.content?.[type];
  if (content === undefined) {
    return response.content === undefined ? null : `content type ${type} is not described`;
  }
  if (!type.endsWith("json")) return null;
  const parsed = schemaOf(description, content.schema).safeParse(answer.json);
  return parsed.success ? null : z.prettifyError(parsed.error);
}
