/** What people write never becomes more than a few harmless elements. */
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  markdownWords,
  renderMarkdown,
} from "../../../../../workers/coordinator/pages/view-model/markdown.ts";

const ELEMENTS = new Set("p ul ol li blockquote pre code strong em s a br hr".split(" "));

/**
 * What a tag of the markup may look like, to the letter. An address that begins with no scheme (RFC 3986
 * §3.1) is one of the same page, whatever colons it has.
 */
const TAG =
  /^<(?:\/([a-z]+)|([a-z]+)((?: (?:dir="auto"|rel="nofollow noopener noreferrer"|start="\d+"|href="(?:https?:|mailto:|(?!\s|&(?!amp;)|[a-zA-Z][a-zA-Z\d+.-]*:))[^"<>]*"))*) ?(?:\/)?)>$/;

function deviation(markup: string): string | null {
  const tags = markup.match(/<[^>]*>?/g) ?? [];
  const depth: string[] = [];
  for (const tag of tags) {
    const [, closing, opening = ""] = TAG.exec(tag) ?? [];
    const name = closing ?? opening;
    if (!ELEMENTS.has(name)) return tag;
    if (closing !== undefined && depth.pop() !== closing) return `unbalanced ${tag}`;
    if (closing === undefined && name !== "br" && name !== "hr") depth.push(name);
  }
  return depth.length === 0 ? null : `open ${depth.join(" ")}`;
}

describe("Markdown", () => {
  it("becomes blocks that find their own direction", () => {
    const text =
      "# Title\n\nSome **bold** and [a link](https://example.com/?a=1&b=2).\n\n- one\n- two";
    expect(renderMarkdown(text)).toBe(
      '<p dir="auto">Title</p>\n<p dir="auto">Some <strong>bold</strong> and ' +
        '<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener noreferrer">a link</a>.' +
        '</p>\n<ul dir="auto">\n<li dir="auto">one</li>\n<li dir="auto">two</li>\n</ul>',
    );
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](//evil.example/)",
    "![i](https://evil.example/pixel.png)",
    '[a](https://example.com/"onmouseover="alert(1))',
    '<https://example.com/"><script>alert(1)</script>>',
    "`</code><script>alert(1)</script>`",
    "```\n</pre><script>alert(1)</script>\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a](&#106;avascript:alert(1))",
    "[a](\u0001javascript:alert(1))",
  ])("shows %s without harm", (text) => {
    const markup = renderMarkdown(text);
    expect(deviation(markup)).toBeNull();
    expect(markup).not.toMatch(/href="(?!https:\/\/example\.com|mailto:)/);
  });

  it("takes no address of the same page for a scheme", () => {
    expect(deviation(renderMarkdown("[a](](javascript:x))"))).toBeNull();
    expect(deviation('<a href="javascript:x">')).not.toBeNull();
    expect(deviation('<a href=" javascript:x">')).not.toBeNull();
  });

  it("loses the characters that turn the text around them", () => {
    expect(renderMarkdown("a\u202eb\u2066c\u0000d\u200fe \u{1f469}\u200d\u{1f692}")).toBe(
      '<p dir="auto">abcde \u{1f469}\u200d\u{1f692}</p>',
    );
    expect(renderMarkdown("\ud800")).toBe('<p dir="auto">\ufffd</p>');
  });

  it("is plain words where no markup may be", () => {
    expect(
      markdownWords("# T\n\nSome **bold** [link](https://x.y)  \nnext\n\n- `a<b>`\n- two"),
    ).toBe("T\nSome bold link\nnext\na<b>\ntwo");
    expect(markdownWords("```\ncode\n```")).toBe("code");
  });

  const hostile = oneof(
    string({ unit: "binary", maxLength: 200 }),
    array(
      constantFrom(
        ..."<script> </script> <img onerror=x> [a]( ](javascript:x) ![ * ** _ ` ``` > - 1. # & &lt; \n \n\n \" ' \u202e \u05d0 \u{1f600} \u0000 <!-- --> ]]> < > ( ) \\".split(
          " ",
        ),
      ),
      { maxLength: 60 },
    ).map((parts) => parts.join("")),
  );

  it("keeps to its elements whatever is written", () => {
    assert(
      property(hostile, (text) => {
        expect(deviation(renderMarkdown(text))).toBeNull();
        expect(markdownWords(text)).not.toMatch(/(?![\t\n])[\p{Cc}\u202a-\u202e]/u);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["> ", "- ", "*_", "[", "![](", "*a **", "`a", "[a](", "**a", "&amp;", "\n"])(
    "takes 10,000 characters of %j",
    (part) => {
      const text = part.repeat(10_000 / part.length);
      expect(deviation(renderMarkdown(`${text}a`))).toBeNull();
      expect(markdownWords(`${text}a`).length).toBeLessThanOrEqual(10_001);
    },
  );
});
