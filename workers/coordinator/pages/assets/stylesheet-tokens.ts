/**
 * Colours, type and spacing of the public pages, light and dark. Text on its background keeps
 * WCAG AA (4.5:1); shapes that carry meaning keep 3:1.
 */

/** Marks CSS for editors and the formatter; the text is used as it stands. */
export const css = String.raw;

const DARK = css`
  --page: #0b0f15;
  --card: #131922;
  --ink: #e9eef5;
  --quiet: #9aa6b6;
  --line: #242d3a;
  --land: #303b4a;
  --stub: #3a4656;
  --good: #2fbf83;
  --link: #8ab8ff;
  --shadow: 0 1px 2px #0006;
  --s-blue: #6ea8ff;
  --s-orange: #ff9d4d;
  --s-green: #3fcf92;
  --s-pink: #ff86b3;
  --s-violet: #b69bff;
`;
const DARK_TONES = css`
  .tone-operational {
    --tone: #2fbf83;
    --tone-ink: #74e0b2;
    --tint: #10291f;
  }
  .tone-degraded {
    --tone: #e0a526;
    --tone-ink: #f3cd76;
    --tint: #2b2310;
  }
  .tone-partial {
    --tone: #ff8a3d;
    --tone-ink: #ffb583;
    --tint: #301d10;
  }
  .tone-down {
    --tone: #ff5867;
    --tone-ink: #ffa1a9;
    --tint: #33161b;
  }
  .tone-unknown,
  .tone-paused {
    --tone: #8591a1;
    --tone-ink: #b9c3d0;
    --tint: #1e2631;
  }
  .tone-maintenance {
    --tone: #6a9bf4;
    --tone-ink: #a9c7fb;
    --tint: #152239;
  }
`;

/** Declarations of both schemes. */
export const TOKENS = css`
  :root {
    color-scheme: light dark;
    --page: #f5f7fa;
    --card: #fff;
    --ink: #10151d;
    --quiet: #576171;
    --line: #e1e6ed;
    --land: #d0d8e2;
    --stub: #c3ccd8;
    --good: #159a61;
    --link: #1756b8;
    --shadow: 0 1px 2px #1018280d, 0 4px 16px #1018280a;
    --s-blue: #1f66d6;
    --s-orange: #c2560c;
    --s-green: #128055;
    --s-pink: #c23a75;
    --s-violet: #7347c8;
    --face:
      -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "Open Sans",
      Cantarell, Ubuntu, system-ui, sans-serif;
    --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
  }
  .tone-operational {
    --tone: #159a61;
    --tone-ink: #0a6840;
    --tint: #e2f6eb;
  }
  .tone-degraded {
    --tone: #c17f00;
    --tone-ink: #774d00;
    --tint: #fdf2d8;
  }
  .tone-partial {
    --tone: #e0600c;
    --tone-ink: #963b00;
    --tint: #fdebdf;
  }
  .tone-down {
    --tone: #d62c3b;
    --tone-ink: #a51522;
    --tint: #fde7e9;
  }
  .tone-unknown,
  .tone-paused {
    --tone: #76808f;
    --tone-ink: #49525f;
    --tint: #ebeef3;
  }
  .tone-maintenance {
    --tone: #3b76e1;
    --tone-ink: #1f4fa8;
    --tint: #e6eefd;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      ${DARK}
    }
    ${DARK_TONES}
  }
  @media (prefers-contrast: more) {
    :root {
      --quiet: var(--ink);
      --line: var(--ink);
      --stub: var(--quiet);
    }
  }
`;
