/** The frame of every page: head, skip link, masthead, main part, footer. No inline style or script. */
import type { Child } from "hono/jsx";
import type { AssetPaths } from "../assets/assets.ts";
import { fill } from "../language/words.ts";
import type { Tone } from "../view-model/words.ts";
import { useHref, usePageLanguage, useWords } from "./page-language.tsx";
import { ToneIconShapes } from "./tone-icon.tsx";

interface LayoutProps {
  title: string;
  description: string;
  tone: Tone;
  assets: AssetPaths;
  /** Milliseconds between two looks of the live script; null: the page does not change. */
  refreshMs: number | null;
  children?: Child;
}

/** How the site calls itself. */
const SITE = "Echoquorum";

/** The document. */
export const Layout = (props: LayoutProps) => {
  const { language, t } = useWords();
  const href = useHref();
  return (
    <html lang={language.tag} dir={language.direction}>
      <head>
        <meta charset="utf-8" />
        <title>{fill(t.page.title, { title: props.title, site: SITE })}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content={props.description} />
        <meta property="og:title" content={props.title} />
        <meta property="og:description" content={props.description} />
        <meta property="og:type" content="website" />
        <meta property="og:site_name" content={SITE} />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#f6f7f9" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#0d1117" media="(prefers-color-scheme: dark)" />
        <link rel="icon" type="image/svg+xml" href={props.assets.icon(props.tone)} />
        <link rel="alternate" type="application/rss+xml" title="RSS" href="/feed.rss" />
        <link rel="alternate" type="application/atom+xml" title="Atom" href="/feed.atom" />
        <link rel="alternate" type="application/feed+json" title="JSON" href="/feed.json" />
        <link rel="stylesheet" href={props.assets.stylesheet} />
        <LiveScript assets={props.assets} refreshMs={props.refreshMs} />
      </head>
      <body>
        <ToneIconShapes />
        <a class="skip" href="#main">
          {t.page.skip}
        </a>
        <header class="masthead">
          <a class="brand" href={href("/")}>
            <Mark />
            {SITE}
          </a>
          <nav aria-label={t.page.onThisPage}>
            <a href={href("/#services")}>{t.page.services}</a>
            <a href={href("/#regions")}>{t.page.regions}</a>
            <a href={href("/#history")}>{t.page.history}</a>
          </nav>
        </header>
        <main id="main" tabindex={-1}>
          {props.children}
        </main>
        <p class="unseen" role="status" id="announcement" />
        <footer>
          <p>{t.page.uptimeMeaning}</p>
          <p>{t.page.watched}</p>
          <Languages />
        </footer>
      </body>
    </html>
  );
};

/** The script, with what it needs of the language. */
const LiveScript = ({ assets, refreshMs }: Pick<LayoutProps, "assets" | "refreshMs">) => {
  const { language, t } = useWords();
  const { s, min, h, day, ago } = t.units;
  const { grewOld, cannotRenew } = t.headline;
  const words = JSON.stringify({ s, min, h, day, ago, grewOld, cannotRenew });
  return (
    <script
      src={assets.script}
      defer
      data-refresh-ms={refreshMs ?? 0}
      data-locale={language.locale}
      data-words={words}
    />
  );
};

const Languages = () => {
  const { offered, words } = usePageLanguage();
  return (
    <nav class="languages" aria-label={words.t.page.language}>
      {offered.map(({ tag, name, direction, href }) => (
        <a
          href={href}
          hreflang={tag}
          lang={tag}
          dir={direction}
          aria-current={tag === words.language.tag ? "true" : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
};

const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <circle cx="12" cy="12" r="2.5" />
    <path d="M7.4 7.4a6.5 6.5 0 0 0 0 9.2M16.6 16.6a6.5 6.5 0 0 0 0-9.2" />
    <path d="M4.2 4.2a11 11 0 0 0 0 15.6M19.8 19.8a11 11 0 0 0 0-15.6" />
  </svg>
);
