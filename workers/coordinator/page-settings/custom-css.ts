/**
 * What an owner's own stylesheet may hold: rules that change how the page looks, and nothing that
 * loads, runs or reaches beyond it. What is not allowed is refused with its place, never taken out
 * silently. Pure.
 *
 * It is the second of two fences: the pages' Content-Security-Policy lets no browser load anything
 * from elsewhere, whatever a stylesheet says.
 */
// oxlint-disable-next-line typescript/triple-slash-reference -- whoever reads this needs the types
/// <reference path="./css-tree.d.ts" />
import parse from "css-tree/parser";
import walk from "css-tree/walker";

/** Longest stylesheet, in characters. */
export const CSS_CHARACTERS_MAX = 20_000;
/** Deepest nesting of blocks and brackets: what is deeper is no stylesheet of a person. */
const DEPTH_MAX = 32;

/** Rules beginning with `@` that load nothing. */
const AT_RULES = new Set(["media", "supports", "container", "layer", "keyframes", "property"]);
/** Functions that load what they name, or ran script in browsers of old. */
const LOADING_FUNCTIONS = /^(?:-\w+-)?(?:url|src|image|image-set|expression|element|attr)$/i;
/** Properties that ran script in browsers of old. */
const RUNNING_PROPERTIES = new Set(["behavior", "-moz-binding"]);
/** The one kind of address that may be named: a file of the page itself. */
const OWN_FILE = /^\/assets\/[\w.-]+$/;

/** What is wrong with a stylesheet, with its place; null: nothing. */
export function findCssProblem(text: string): string | null {
  if (/<\/|<!--|-->/.test(text)) return "expected no markup: neither tags nor <!-- -->";
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u0008\u000b\u000e-\u001f\u007f]/.test(text)) {
    return "expected no control characters";
  }
  if (depthOf(text) > DEPTH_MAX) return `expected at most ${DEPTH_MAX} levels of nesting`;
  let problem: string | null = null;
  const report = (message: string, place?: CssTreePlace | null) => {
    const where = place ? ` (line ${place.line}, column ${place.column})` : "";
    problem ??= `${message}${where}`;
  };
  const tree = parse(text, {
    positions: true,
    parseCustomProperty: true,
    onParseError: (error) => report(`expected CSS: ${error.message}`, error),
  });
  walk(tree, (node) => {
    const found = problemOf(node);
    if (found !== null) report(found, node.loc?.start ?? null);
  });
  return problem;
}

function problemOf(node: CssTreeNode): string | null {
  switch (node.type) {
    case "Atrule":
      return AT_RULES.has(node.name ?? "") ? null : `expected no @${node.name}`;
    case "Url":
      return OWN_FILE.test(String(node.value))
        ? null
        : "expected no url() but of a file under /assets/";
    case "Function":
      if (node.name?.includes("\\") === true) return "expected names of functions without escapes";
      return LOADING_FUNCTIONS.test(node.name ?? "") ? `expected no ${node.name}()` : null;
    case "Declaration": {
      const property = node.property ?? "";
      if (property.includes("\\")) return "expected names of properties without escapes";
      return RUNNING_PROPERTIES.has(property.toLowerCase()) ? `expected no ${property}` : null;
    }
    // What the parser gave up on, a browser may understand.
    case "Raw":
      return /^[\s;]*$/.test(String(node.value)) ? null : "expected CSS that can be read as such";
    case "CDO":
    case "CDC":
      return "expected no <!-- -->";
    default:
      return null;
  }
}

/** Deepest nesting, strings and comments taken for what they look like: an upper bound will do. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ("({[".includes(character)) depth += 1;
    else if (")}]".includes(character)) depth = Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
