/**
 * A file that declares monitors, channels, maintenance and pages, checked wholly before anything
 * starts and then applied through the REST API: what has the same id, or the same name, is replaced;
 * nothing is deleted.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { maintenanceInputSchema } from "../../../shared/monitor/maintenance.ts";
import { monitorInputSchema } from "../../../shared/monitor/monitor.ts";
import { renderFieldErrors } from "../../coordinator/api/field-errors.ts";
import { channelInputSchema } from "../../coordinator/channels/channel.ts";
import { pageInputSchema } from "../../coordinator/page-settings/page.ts";
import { Complaint, errorText } from "../complaint.ts";
import type { ApiClient, Collection } from "./api-client.ts";
import { ApiError } from "./api-client.ts";
import { readPictures } from "./page-pictures.ts";

/** Refuses what could not be told apart when the file is applied again. */
function eachDistinct(
  list: ReadonlyArray<{ id?: string | undefined; name: string }>,
  context: z.RefinementCtx,
): void {
  for (const [index, { id, name }] of list.entries()) {
    const isSame = (other: (typeof list)[number]) =>
      id === undefined ? other.id === undefined && other.name === name : other.id === id;
    if (list.findIndex(isSame) === index) continue;
    const field = id === undefined ? "name" : "id";
    const message = `expected another than that of an earlier one${id === undefined ? ", or an id" : ""}`;
    context.addIssue({ code: "custom", path: [index, field], message });
  }
}

const configFileSchema = z.strictObject({
  monitors: z.array(monitorInputSchema).superRefine(eachDistinct).default([]),
  channels: z.array(channelInputSchema).superRefine(eachDistinct).default([]),
  maintenances: z.array(maintenanceInputSchema).superRefine(eachDistinct).default([]),
  pages: z.array(pageInputSchema).superRefine(eachDistinct).default([]),
});

/** A declaration with what identifies it. */
export type Declaration = { id?: string | undefined; name: string } & Record<string, unknown>;

/** What a file declares, as it was written: defaults are left to the API. */
export interface DeclaredConfig {
  path: string;
  monitors: Declaration[];
  channels: Declaration[];
  maintenances: Declaration[];
  pages: Declaration[];
}

/**
 * Reads and checks a configuration file.
 *
 * @throws Complaint that names the file and the first wrong field
 */
export function loadConfigFile(path: string): DeclaredConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Complaint(`The configuration file ${path} cannot be read: check its name.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Complaint(`${path} is not JSON: ${errorText(error)}.`);
  }
  if (typeof value === "object" && value !== null && "pages" in value) {
    value = { ...value, pages: readPictures(path, value.pages) };
  }
  const parsed = configFileSchema.safeParse(value);
  if (!parsed.success) throw new Complaint(complain(path, renderFieldErrors(parsed.error)));
  const raw = value as Partial<Omit<DeclaredConfig, "path">>;
  const { monitors = [], channels = [], maintenances = [], pages = [] } = raw;
  return { path, monitors, channels, maintenances, pages };
}

function complain(path: string, errors: Array<{ field: string; message: string }>): string {
  const [first] = errors;
  if (first === undefined) return `${path} is not valid.`;
  const place = first.field === "" ? "the file" : first.field;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${path}: ${place}: ${first.message}${more}. Correct it, then start again.`;
}

/**
 * Applies a file's declarations: channels first, since monitors name them, maintenance and pages
 * last, since they name monitors.
 *
 * @throws Complaint when the API refuses one
 */
export async function applyConfig(api: ApiClient, config: DeclaredConfig): Promise<void> {
  for (const collection of ["channels", "monitors", "maintenances", "pages"] as const) {
    const existing = await api.list(collection);
    for (const [index, declaration] of config[collection].entries()) {
      const known = existing.find(({ id, name }) =>
        declaration.id === undefined ? name === declaration.name : id === declaration.id,
      );
      await applyOne(api, collection, declaration, known?.id ?? null).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        const [first] = error.errors;
        const field = first === undefined || first.field === "" ? "" : `.${first.field}`;
        const place = `${collection}[${index}]${field}`;
        throw new Complaint(`${config.path}: ${place}: ${first?.message ?? error.message}`);
      });
    }
  }
}

async function applyOne(
  api: ApiClient,
  collection: Collection,
  declaration: Declaration,
  known: string | null,
): Promise<void> {
  if (known === null) await api.create(collection, declaration);
  else await api.replace(collection, known, declaration);
}
