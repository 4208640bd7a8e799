/**
 * Markdown that people wrote (CommonMark 0.31), as markup and as plain text. Pure.
 *
 * `markdown-it` renders without HTML of the author's own, `sanitize-html` lets through a short list
 * of elements and addresses besides. An image becomes its description:
 * a page loads nothing from elsewhere. Characters that steer the direction of text are taken out,
 * and each block finds its own.
 */
import MarkdownIt from "markdown-it";
import sanitize from "sanitize-html";

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
markdown.disable("table");
markdown.renderer.rules["image"] = (tokens, index) =>
  markdown.utils.escapeHtml(tokens[index]?.content ?? "");

/** Blocks that may run in either direction. */
const BLOCKS = ["p", "ul", "ol", "blockquote"] as const;
/** They become paragraphs: a page has headings of its own. */
const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"] as const;

const ALLOWED: sanitize.IOptions = {
  allowedTags: [...BLOCKS, "li", "pre", "code", "strong", "em", "s", "a", "br", "hr"],
  allowedAttributes: { a: ["href", "rel"], "*": ["dir"], ol: ["start"] },
  allowedSchemes: ["https", "http", "mailto"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  parseStyleAttributes: false,
  transformTags: {
    a: sanitize.simpleTransform("a", { rel: "nofollow noopener noreferrer" }),
    ...Object.fromEntries(
      [...BLOCKS, "li"].map((tag) => [tag, sanitize.simpleTransform(tag, { dir: "auto" })]),
    ),
    ...Object.fromEntries(
      HEADINGS.map((tag) => [tag, sanitize.simpleTransform("p", { dir: "auto" })]),
    ),
  },
};

/** Steering characters (Unicode UAX #9), and control characters but tab and line feed. */
const STEERING =
  /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff\ufffe\uffff]/gu;
/** Halves of characters, which no encoding can hold. */
const LONE_SURROGATES = /\p{Cs}/gu;

/** Texts whose markup is kept; more than a page shows. */
const KEPT_MAX = 200;
const kept = new Map<string, string>();

function plain(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(STEERING, "")
    .replaceAll(LONE_SURROGATES, "\ufffd");
}

/** Markup that is safe to stand in any page. */
export function renderMarkdown(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const markup = sanitize(markdown.render(plain(text)), ALLOWED).trim();
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(text, markup);
  return markup;
}

/** The words without markup, each block in a line of its own. */
export function markdownWords(text: string): string {
  const lines = markdown
    .parse(plain(text), {})
    .filter(({ type, content }) => type === "inline" || content !== "")
    .map(({ children, content }) => (children === null ? content : inlineWords(children)));
  return lines.join("\n").trim();
}

function inlineWords(tokens: ReadonlyArray<{ type: string; content: string }>): string {
  const words = tokens.map(({ type, content }) => (type.endsWith("break") ? "\n" : content));
  return words.join("");
}
