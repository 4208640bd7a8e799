/**
 * As much of css-tree's parser as the check of an owner's stylesheet uses. The package has no types
 * of its own; these entry points leave its tables of properties out of the bundle.
 */

/** A place in the text, from 1. */
interface CssTreePlace {
  line: number;
  column: number;
}

/** A node of the tree; which fields it has depends on its type. */
interface CssTreeNode {
  type: string;
  name?: string;
  property?: string;
  value?: unknown;
  loc?: { start: CssTreePlace } | null;
}

declare module "css-tree/parser" {
  interface ParseOptions {
    positions?: boolean;
    parseCustomProperty?: boolean;
    onParseError?: (error: Error & CssTreePlace) => void;
  }
  export default function parse(text: string, options: ParseOptions): CssTreeNode;
}

declare module "css-tree/walker" {
  export default function walk(tree: CssTreeNode, visit: (node: CssTreeNode) => void): void;
}
