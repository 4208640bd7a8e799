/** What an owner may set, judged piece by piece: stylesheets, pictures, colours, host names. */
import { describe, expect, it } from "vitest";
import {
  SCHEMES,
  TEXT_CONTRAST_MIN,
  contrast,
  inkOn,
} from "../../../workers/coordinator/page-settings/contrast.ts";
import { findCssProblem } from "../../../workers/coordinator/page-settings/custom-css.ts";
import { parseImage } from "../../../workers/coordinator/page-settings/image.ts";
import { PageDirectory } from "../../../workers/coordinator/page-settings/page-directory.ts";
import { findPage, normaliseHost } from "../../../workers/coordinator/page-settings/page.ts";
import { TOKENS } from "../../../workers/coordinator/pages/assets/stylesheet-tokens.ts";
import { dataUrl, setUpPage } from "../../support/own-page.ts";

describe("a stylesheet", () => {
  it.each([
    ".headline { border-radius: 24px }",
    ":root { --accent: #123456 } @media (width < 600px) { .card { margin: 0 } }",
    "@supports (display: grid) { .card { display: grid } }",
    "@keyframes in { from { opacity: 0 } to { opacity: 1 } } .card { animation: in 1s }",
    '.brand::after { content: "Status \\2713" }',
    ".headline { background: url(/assets/logo-0123456789abcdef.svg) no-repeat }",
    '.card { background-image: linear-gradient(90deg, red, rgb(0 0 0 / 50%)), url("/assets/a.png") }',
    "h1 { width: calc(100% - (2 * var(--gap, 3px))) }",
    ".a { & .b { color: red } }",
    ".a { color: red;; }",
    "/* nothing */",
  ])("may hold what changes how the page looks: %s", (css) => {
    expect(findCssProblem(css)).toBeNull();
  });

  it.each([
    ['@import "https://evil.example/a.css";', /no @import/],
    ["@IMPORT url(x);", /no @/],
    ["@font-face { font-family: a; src: url(/assets/a.woff) }", /no @font-face/],
    ["@namespace svg url(http://www.w3.org/2000/svg);", /no @namespace/],
    [".a { background: url(https://evil.example/x.png) }", /no url\(\).*line 1, column 18/],
    ['.a { background: url("//evil.example/x") }', /no url\(\)/],
    [".a { background: URL( 'data:image/png;base64,AAAA' ) }", /no url\(\)/],
    [".a { background: url(/live) }", /no url\(\)/],
    [".a { background: url(/assets/../live) }", /no url\(\)/],
    [".a { background: u\\72l(https://evil.example/x) }", /expected CSS/],
    [".a { background: \\75rl('https://evil.example/x') }", /without escapes/],
    ['.a { background: image-set("https://evil.example/x" 1x) }', /no image-set\(\)/],
    ['.a { background: -webkit-image-set("https://evil.example/x" 1x) }', /image-set/],
    ['.a { background: src("https://evil.example/x") }', /no src\(\)/],
    [":root { --x: url(https://evil.example/x) }", /no url\(\)/],
    [":root { --x: { background: url(https://evil.example/x) } }", /expected/],
    [".a { width: expression(alert(1)) }", /no expression\(\)/],
    [".a { behavior: none }", /no behavior/],
    [".a { -moz-binding: none }", /no -moz-binding/],
    [".a { } </style><script>alert(1)</script>", /no markup/],
    ["<!-- .a { } -->", /no markup/],
    [".a { color: red; }}", /expected/],
    [".a { color red }", /expected CSS/],
    [".a { color: \u0000 }", /control characters/],
    [`.a ${"{".repeat(40)}`, /levels of nesting/],
  ])("may not hold what loads, runs or is no CSS: %s", (css, expected) => {
    expect(findCssProblem(css)).toMatch(expected);
  });
});

const PNG =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAD0lEQVQI12P4z8BQDwAEgAF/QualzQAAAABJRU5ErkJggg==";

describe("a picture", () => {
  it.each([
    ["PNG", PNG, { type: "image/png", width: 3, height: 2 }],
    [
      "SVG with a size",
      dataUrl("image/svg+xml", '<?xml version="1.0"?><svg width="120px" height="30"/>'),
      { type: "image/svg+xml", width: 120, height: 30 },
    ],
    [
      "SVG with a view box",
      dataUrl("image/svg+xml", "<svg viewBox='0 0 24 12'></svg>"),
      { width: 24, height: 12 },
    ],
    ["SVG without either", dataUrl("image/svg+xml", "<svg></svg>"), { width: 0, height: 0 }],
    [
      "JPEG",
      "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/wAARCAAFAAcDASIAAhEBAxEB/9k=",
      { type: "image/jpeg", width: 7, height: 5 },
    ],
    [
      "WebP",
      "data:image/webp;base64,UklGRhoAAABXRUJQVlA4TA0AAAAvAwAAEAcQERGIiP4HAA==",
      { type: "image/webp", width: 4, height: 1 },
    ],
  ])("is read as far as its size: %s", (_what, url, facts) => {
    expect(parseImage(url)).toMatchObject({ facts });
  });

  it.each([
    ["https://example.com/logo.png", /expected a base64 data: URL/],
    ["data:text/html;base64,PGI+", /expected a base64 data: URL of one of image\/png/],
    ["data:image/svg+xml,<svg/>", /expected a base64/],
    [dataUrl("image/png", "<svg/>"), /it is no image\/png/],
    [dataUrl("image/svg+xml", "<html><svg></html>"), /it is no image\/svg\+xml/],
    [dataUrl("image/svg+xml", "nothing"), /it is no image/],
    // As many comments as would take for ever, were it open where each of them ends.
    [dataUrl("image/svg+xml", `${"<!---->".repeat(2_000)}<p>`), /it is no image\/svg\+xml/],
    [dataUrl("image/jpeg", "\u00ff"), /it is no image\/jpeg/],
    [dataUrl("image/webp", "RIFF0000WEBPxxxx"), /it is no image\/webp/],
    [dataUrl("image/svg+xml", `<svg>${"x".repeat(65_536)}</svg>`), /at most 64 KiB/],
  ])("is refused when it is none: %.60s", (url, error) => {
    expect(parseImage(url)).toMatchObject({ error: expect.stringMatching(error) });
  });
});

describe("colours", () => {
  it("have the contrast that WCAG computes", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  it("always leave one of black and white readable on them", () => {
    for (let grey = 0; grey < 256; grey += 1) {
      const colour = `#${grey.toString(16).padStart(2, "0").repeat(3)}`;
      expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(TEXT_CONTRAST_MIN);
    }
  });

  it("are judged against those of the stylesheet", () => {
    const used = Object.values(SCHEMES).flatMap((scheme) => Object.values(scheme));
    for (const colour of used) expect(TOKENS.replaceAll("#fff;", "#ffffff;")).toContain(colour);
  });
});

describe("host names", () => {
  it.each([
    ["Status.Example.COM", "status.example.com"],
    ["status.example.com.", "status.example.com"],
    ["münchen.example", "xn--mnchen-3ya.example"],
    ["localhost", "localhost"],
    ["https://status.example.com", null],
    ["status.example.com:8443", null],
    ["user@status.example.com", null],
    ["*.example.com", null],
    ["status example", null],
    ["[::1]", null],
    ["", null],
  ])("%s", (host, expected) => {
    expect(normaliseHost(host)).toBe(expected);
  });

  it("lead to their page, and all others to the one that answers everywhere else", () => {
    const a = { id: "a", hosts: ["a.example"] };
    const rest = { id: "rest", hosts: [] };
    expect(findPage([a, rest], "A.example")).toBe(a);
    expect(findPage([a, rest], "b.example")).toBe(rest);
    expect(findPage([a], "b.example")).toBeNull();
    const named = { id: "default", hosts: ["c.example"] };
    expect(findPage([a, named], "b.example")).toBe(named);
  });

  it("are a page's own however they are written", async () => {
    const { page } = setUpPage({ name: "Own", hosts: ["own.example"] });
    const directory = new PageDirectory([async () => [{ page, revision: "1" }]]);
    expect((await directory.find("own.example", 0)).isNamed).toBe(true);
    expect((await directory.find("own.example.", 0)).isNamed).toBe(true);
    expect((await directory.find("other.example", 0)).isNamed).toBe(false);
  });
});
