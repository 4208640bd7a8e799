/**
 * Pictures of pages in a configuration file: the name of a file beside it stands for what the API
 * takes, a `data:` URL.
 */
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { IMAGE_TYPES } from "../../coordinator/page-settings/image.ts";
import { IMAGE_NAMES } from "../../coordinator/page-settings/page.ts";
import { Complaint } from "../complaint.ts";

/** Type by a file's extension. */
const TYPES = new Map<string, string>(
  Object.entries(IMAGE_TYPES).map(([type, extension]) => [`.${extension}`, type]),
).set(".jpeg", "image/jpeg");

/**
 * Puts `data:` URLs in the places of files' names.
 *
 * @param path of the configuration file
 * @param pages as they were written, of whatever form
 * @throws Complaint that names a field whose file cannot be read
 */
export function readPictures(path: string, pages: unknown): unknown {
  if (!Array.isArray(pages)) return pages;
  return pages.map((page: unknown, index) => {
    if (typeof page !== "object" || page === null) return page;
    const fields = { ...page } as Record<string, unknown>;
    for (const name of IMAGE_NAMES) {
      const value = fields[name];
      if (typeof value !== "string" || value.startsWith("data:")) continue;
      fields[name] = readPicture(path, value, `pages[${index}].${name}`);
    }
    return fields;
  });
}

function readPicture(path: string, file: string, field: string): string {
  const type = TYPES.get(extname(file).toLowerCase());
  if (type === undefined) {
    const known = [...TYPES.keys()].join(", ");
    throw new Complaint(`${path}: ${field}: expected a data: URL, or a file with ${known}.`);
  }
  try {
    const bytes = readFileSync(resolve(dirname(path), file));
    return `data:${type};base64,${bytes.toString("base64")}`;
  } catch {
    throw new Complaint(`${path}: ${field}: the file ${file} cannot be read: check its name.`);
  }
}
