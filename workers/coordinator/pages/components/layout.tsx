/** The frame of every page: head, skip link, masthead, main part, footer. No inline style or script. */
import type { Child } from "hono/jsx";
import type { AssetPaths } from "../assets/assets.ts";
import type { Tone } from "../view-model/words.ts";
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

/** The document. */
export const Layout = (props: LayoutProps) => (
  <html lang="en" dir="ltr">
    <head>
      <meta charset="utf-8" />
      <title>{props.title}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="description" content={props.description} />
      <meta name="color-scheme" content="light dark" />
      <meta name="theme-color" content="#f6f7f9" media="(prefers-color-scheme: light)" />
      <meta name="theme-color" content="#0d1117" media="(prefers-color-scheme: dark)" />
      <link rel="icon" type="image/svg+xml" href={props.assets.icon(props.tone)} />
      <link rel="stylesheet" href={props.assets.stylesheet} />
      <script src={props.assets.script} defer data-refresh-ms={props.refreshMs ?? 0} />
    </head>
    <body>
      <ToneIconShapes />
      <a class="skip" href="#main">
        Skip to the status
      </a>
      <header class="masthead">
        <a class="brand" href="/">
          <Mark />
          Echoquorum
        </a>
        <nav aria-label="On this page">
          <a href="/#services">Services</a>
          <a href="/#regions">Regions</a>
          <a href="/#history">History</a>
        </nav>
      </header>
      <main id="main" tabindex={-1}>
        {props.children}
      </main>
      <p class="unseen" role="status" id="announcement" />
      <footer>
        <p>
          <b>Uptime</b> is the share of the known time in which a service was not down; time without
          enough data, and maintenance, are left out. A service is called down only when a quorum of
          regions agrees. Days are UTC days.
        </p>
        <p>Watched by Echoquorum from several regions of the world.</p>
      </footer>
    </body>
  </html>
);

const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <circle cx="12" cy="12" r="2.5" />
    <path d="M7.4 7.4a6.5 6.5 0 0 0 0 9.2M16.6 16.6a6.5 6.5 0 0 0 0-9.2" />
    <path d="M4.2 4.2a11 11 0 0 0 0 15.6M19.8 19.8a11 11 0 0 0 0-15.6" />
  </svg>
);
