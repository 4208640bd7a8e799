/** The frame of every page: head, skip link, masthead, main part, footer. No inline style or script. */
import type { Child } from "hono/jsx";
import type { AssetPaths } from "../assets/assets.ts";
import { fill } from "../language/words.ts";
import type { Tone } from "../view-model/words.ts";
import { useHref, usePageLanguage, useSite, useWords } from "./page-language.tsx";
import { SiteBrand, SiteFooter, SiteLinks, SiteStyle } from "./site.tsx";
import { ToneIconShapes } from "./tone-icon.tsx";

interface LayoutProps {
  title: string;
  description: string;
  tone: Tone;
  assets: AssetPaths;
  /** Milliseconds between two looks of the live script; null: the page does not change. */
  refreshMs: number | null;
  /** Whether search engines should leave it out. */
  unlisted?: boolean;
  /** Whether it tells nothing of the status, and neither links to it nor to feeds of it. */
  bare?: boolean;
  children?: Child;
}

/** The document. */
export const Layout = (props: LayoutProps) => {
  const { language, t } = useWords();
  const site = useSite();
  return (
    <html lang={language.tag} dir={language.direction}>
      <head>
        <meta charset="utf-8" />
        <title>
          {site.isNamed
            ? `${props.title} · ${site.name}`
            : fill(t.page.title, { title: props.title, site: site.name })}
        </title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content={props.description} />
        {props.unlisted === true ? <meta name="robots" content="noindex" /> : null}
        <meta property="og:title" content={props.title} />
        <meta property="og:description" content={props.description} />
        <meta property="og:type" content="website" />
        <meta property="og:site_name" content={site.name} />
        {props.bare === true ? null : <Picture title={props.title} tone={props.tone} />}
        <meta name="color-scheme" content="light dark" />
        {(["light", "dark"] as const).map((scheme) => (
          <meta
            name="theme-color"
            content={site.backgrounds[scheme]}
            media={`(prefers-color-scheme: ${scheme})`}
          />
        ))}
        <link rel="icon" href={site.favicon ?? props.assets.icon(props.tone)} />
        {props.bare === true ? null : <Feeds />}
        <link rel="stylesheet" href={props.assets.stylesheet} />
        <SiteStyle />
        <LiveScript assets={props.assets} refreshMs={props.refreshMs} />
      </head>
      <body>
        <ToneIconShapes />
        <a class="skip" href="#main">
          {t.page.skip}
        </a>
        <header class="masthead">
          <SiteBrand />
          <nav aria-label={t.page.onThisPage}>
            {props.bare === true ? null : (
              <>
                <Sections />
                <a href={useHref()("/subscribe")}>{t.subscribe.link}</a>
              </>
            )}
            <SiteLinks links={site.headerLinks} />
          </nav>
        </header>
        <main id="main" tabindex={-1}>
          {props.children}
        </main>
        <p class="unseen" role="status" id="announcement" />
        <footer>
          <SiteFooter />
          {props.bare === true ? null : (
            <>
              <p>{t.page.uptimeMeaning}</p>
              <p>{t.page.watched}</p>
            </>
          )}
          <Languages />
        </footer>
      </body>
    </html>
  );
};

/** The picture beside a link to the page: another address, so that it is fetched, as the tone changes. */
const Picture = ({ title, tone }: Pick<LayoutProps, "title" | "tone">) => (
  <>
    <meta property="og:image" content={`${useSite().image}?v=${tone}`} />
    <meta property="og:image:type" content="image/png" />
    <meta property="og:image:width" content="1200" />
    <meta property="og:image:height" content="630" />
    <meta property="og:image:alt" content={title} />
    <meta name="twitter:card" content="summary_large_image" />
  </>
);

/** What of the page machines may read instead. */
const Feeds = () => (
  <>
    <link rel="alternate" type="application/rss+xml" title="RSS" href="/feed.rss" />
    <link rel="alternate" type="application/atom+xml" title="Atom" href="/feed.atom" />
    <link rel="alternate" type="application/feed+json" title="JSON" href="/feed.json" />
  </>
);

/** Where on the status page the visitor may want to go. */
const Sections = () => {
  const { services, regions, history } = useWords().t.page;
  const href = useHref();
  return (
    <>
      <a href={href("/#services")}>{services}</a>
      {useSite().hasRegions ? <a href={href("/#regions")}>{regions}</a> : null}
      <a href={href("/#history")}>{history}</a>
    </>
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
