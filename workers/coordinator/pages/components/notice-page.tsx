/** A page with one thing to say: nothing here, or nothing known. It needs no data. */
import type { AssetPaths } from "../assets/assets.ts";
import type { Tone } from "../view-model/words.ts";
import { Banner } from "./headline.tsx";
import { Layout } from "./layout.tsx";
import { useHref, useWords } from "./page-language.tsx";

interface NoticePageProps {
  title: string;
  detail: string;
  tone: Tone;
  assets: AssetPaths;
  refreshMs: number | null;
}

/** The page. */
export const NoticePage = ({ title, detail, tone, assets, refreshMs }: NoticePageProps) => (
  <Layout title={title} description={detail} tone={tone} assets={assets} refreshMs={refreshMs}>
    <Banner tone={tone} title={title} detail={detail} view={null} />
    <p class="back">
      <a href={useHref()("/")}>{useWords().t.page.allServices}</a>
    </p>
  </Layout>
);
