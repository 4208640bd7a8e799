/** Makes the picture of a page, which stands for it where somebody links to it. */
import type { Page } from "../page-settings/page.ts";
import { drawCard } from "./image/card.ts";
import { encodePng } from "./image/png.ts";
import type { Answer } from "./page-cache.ts";
import { NO_CACHING, etagOf } from "./page-headers.ts";
import type { PageSources } from "./status-source.ts";
import { renderFrom } from "./status-source.ts";
import type { CardSite } from "./view-model/card.ts";
import { renderCard, renderUnknownCard } from "./view-model/card.ts";
import type { SiteView } from "./view-model/site.ts";

/** How long a picture may be used, in seconds: who shows one keeps it for longer anyway. */
const FRESH_SECONDS = 60;

/** What a picture is made of and depends on. */
export interface Pictured {
  page: Page | null;
  site: SiteView;
  host: string;
  nowMs: number;
  sources: PageSources;
}

/** The picture. */
export async function answerImage(pictured: Pictured): Promise<Answer> {
  const { page, site, host, nowMs, sources } = pictured;
  const shown: CardSite = { name: site.name, host };
  const view = await renderFrom(sources, ({ status, source }) =>
    renderCard(status, { source, nowMs, site: shown }),
  );
  const colours = {
    background: site.backgrounds.light,
    accent: page?.colors.light.accent ?? null,
  };
  const body = await encodePng(drawCard(view ?? renderUnknownCard(shown), colours));
  const type = { "content-type": "image/png" };
  if (view === null) {
    const headers = { ...type, "cache-control": NO_CACHING };
    return { status: 503, body, headers, freshMs: null };
  }
  const caching = `public, max-age=${FRESH_SECONDS}, stale-while-revalidate=${4 * FRESH_SECONDS}`;
  const headers = { ...type, "cache-control": caching, etag: await etagOf(body) };
  return { status: 200, body, headers, freshMs: 1_000 * FRESH_SECONDS };
}
