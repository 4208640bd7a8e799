/**
 * Matchers: one condition on what an alert is about, such as `group="EU"` or `region=~"eu-.*"`.
 *
 * Names and meaning are Prometheus Alertmanager's: `=`, `!=`, `=~`, `!~`; expressions match the
 * whole value; what an alert does not have is the empty text. An alert may have several regions: a
 * condition on `region` must hold for each of them, so that what is seen from elsewhere too is not
 * taken for the trouble of one region. Pure.
 */
import { z } from "zod";

/** What an alert is known by. Labels of its monitor are `label.<name>`. */
export const ATTRIBUTES = ["monitor", "group", "severity", "kind", "region", "reason"] as const;

/** Values by attribute; one that is absent is the empty text. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/** A parsed matcher. */
export interface Matcher {
  attribute: string;
  operator: "=" | "!=" | "=~" | "!~";
  value: string;
  /** The value as an expression for the whole text; null: it is compared. */
  expression: RegExp | null;
}

const MATCHER = /^([a-z]+(?:\.[^\s=!~]+)?)\s*(=~|!~|!=|=)\s*(.*)$/su;
const ATTRIBUTE_NAME = new RegExp(`^(${ATTRIBUTES.join("|")}|label\\..{1,63})$`, "u");
const MATCHER_CHARACTERS_MAX = 500;

/** Parses a matcher; a text instead says what is wrong with it. */
export function parseMatcher(text: string): Matcher | string {
  const [, attribute = "", operator = "", written = ""] = MATCHER.exec(text.trim()) ?? [];
  if (operator === "") return 'expected a matcher such as group="EU" or region=~"eu-.*"';
  if (!ATTRIBUTE_NAME.test(attribute)) {
    return `expected one of ${ATTRIBUTES.join(", ")} or label.<name> before ${operator}`;
  }
  const quoted = /^"(.*)"$/su.exec(written);
  if (quoted === null && written.startsWith('"')) return "expected a quote at the end";
  const value = quoted?.[1]?.replaceAll('\\"', '"') ?? written;
  const parsed = { attribute, operator: operator as Matcher["operator"], value };
  if (operator === "=" || operator === "!=") return { ...parsed, expression: null };
  try {
    return { ...parsed, expression: new RegExp(`^(?:${value})$`, "su") };
  } catch {
    return "expected a regular expression";
  }
}

/** A matcher as it is written, checked. */
export const matcherSchema = z
  .string()
  .max(MATCHER_CHARACTERS_MAX)
  .superRefine((text, context) => {
    const parsed = parseMatcher(text);
    if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
  });

/** Name of an attribute, as `groupBy` and `equal` take them. */
export const attributeSchema = z
  .string()
  .regex(ATTRIBUTE_NAME, `expected one of ${ATTRIBUTES.join(", ")} or label.<name>`);

/** Parsed lists by the list they came from: a policy is parsed once, not with every alert. */
const parsedLists = new WeakMap<readonly string[], readonly Matcher[]>();

/** Parses matchers that the schema has accepted. */
function parseMatchers(texts: readonly string[]): readonly Matcher[] {
  const known = parsedLists.get(texts);
  if (known !== undefined) return known;
  const matchers = texts.flatMap((text) => {
    const parsed = parseMatcher(text);
    return typeof parsed === "string" ? [] : [parsed];
  });
  // One that cannot be read must not widen what the others match.
  const sound = matchers.length === texts.length ? matchers : [NOTHING];
  parsedLists.set(texts, sound);
  return sound;
}

const NOTHING: Matcher = { attribute: "kind", operator: "=~", value: "(?!)", expression: /(?!)/u };

function holds({ operator, value, expression }: Matcher, actual: string): boolean {
  const matches = expression === null ? actual === value : expression.test(actual);
  return operator === "=" || operator === "=~" ? matches : !matches;
}

/** The first of some matchers that does not hold; null: all hold. */
export function firstUnmet(texts: readonly string[], attributes: Attributes): string | null {
  const unmet = parseMatchers(texts).findIndex((matcher) => {
    const values = attributes.get(matcher.attribute) ?? [];
    return !(values.length === 0 ? [""] : values).every((value) => holds(matcher, value));
  });
  return unmet < 0 ? null : (texts[unmet] ?? "");
}

/** Values of an attribute as one text, by which alerts are grouped and compared. */
export function attributeText(attributes: Attributes, name: string): string {
  return [...(attributes.get(name) ?? [])].sort().join(",");
}
