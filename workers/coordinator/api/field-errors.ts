/**
 * What zod found wrong, as a list of fields with what was expected of each. Pure.
 */
import type { z } from "zod";
import type { FieldError } from "./problem.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Renders the issues of a failed parse, in the order in which they were found. */
export function renderFieldErrors(error: z.core.$ZodError): FieldError[] {
  return error.issues.flatMap((issue) => renderIssue(issue, []));
}

/** Path of a field as people write it, e.g. `dialogue[0].send`, `headers["a b"]`. */
export function renderFieldPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const name = String(part);
      if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}

function renderIssue(issue: Issue, parent: Path): FieldError[] {
  const path = [...parent, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        field: renderFieldPath([...path, key]),
        message: "unknown field",
      }));
    case "invalid_union":
      return renderUnion(issue, path);
    default:
      return [{ field: renderFieldPath(path), message: renderMessage(issue) }];
  }
}

/** The alternative that was meant, if one is evident; else what all of them expect. */
function renderUnion(issue: Issue & { code: "invalid_union" }, path: Path): FieldError[] {
  const alternatives: readonly Issue[][] = issue.errors;
  if (alternatives.length === 0) return [{ field: renderFieldPath(path), message: oneOf(issue) }];
  const meant = alternatives.filter((issues) => issues.every(isAboutAnExistingField));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) {
    return only.flatMap((each) => renderIssue(each, path));
  }
  const names = alternatives.map(missingField);
  const message = names.every((name) => name !== null)
    ? `expected an object with exactly one of ${names.join(", ")}`
    : `expected ${expectations(alternatives).join(" or ")}`;
  return [{ field: renderFieldPath(path), message }];
}

function isAboutAnExistingField(issue: Issue): boolean {
  return issue.path.length > 0 && !isMissing(issue);
}

function isMissing(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.message.endsWith("received undefined");
}

/** Name of the field whose absence ruled an alternative out. */
function missingField(issues: readonly Issue[]): string | null {
  const missing = issues.find((issue) => isMissing(issue) && issue.path.length === 1);
  return missing === undefined ? null : String(missing.path[0]);
}

function expectations(alternatives: readonly Issue[][]): string[] {
  const all = alternatives.flatMap((issues) =>
    issues.map((issue) =>
      renderMessage(issue)
        .replace(/^expected /, "")
        .replace(/, received .*$/, ""),
    ),
  );
  return [...new Set(all)];
}

function oneOf(issue: Issue): string {
  const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
  return options.length === 0 ? "not valid" : `expected one of ${options.join(", ")}`;
}

/** Zod's message without its category, e.g. `expected string, received number`. */
function renderMessage(issue: Issue): string {
  if (issue.code === "invalid_value") {
    const values = issue.values.map((value) => JSON.stringify(value));
    return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(", ")}`;
  }
  if (isMissing(issue)) {
    return `required: ${issue.message.replace(/^.*?: /, "").replace(/, received undefined$/, "")}`;
  }
  if (issue.code === "too_small") return `expected at least ${amount(issue.minimum, issue.origin)}`;
  if (issue.code === "too_big") return `expected at most ${amount(issue.maximum, issue.origin)}`;
  // Text of a query that is no number.
  const message = issue.message.replace(/^Invalid [a-z ]+: /, "").replace(", received NaN", "");
  return message === "Invalid URL" ? "expected a URL" : message;
}

/** A bound with what it counts, e.g. `1 character`. */
function amount(bound: number | bigint, origin: string): string {
  const unit = { string: "character", array: "item" }[origin];
  if (unit === undefined) return String(bound);
  return `${bound} ${unit}${Number(bound) === 1 ? "" : "s"}`;
}
