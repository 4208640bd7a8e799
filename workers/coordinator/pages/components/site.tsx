/** What an owner has put around every page: name or logo, links, footer, stylesheet. */
import type { SiteLinkView } from "../view-model/site.ts";
import { useHref, useSite } from "./page-language.tsx";
import { Markup } from "./written-incident.tsx";

/** The logo or the name, which leads to the status page. */
export const SiteBrand = () => {
  const { name, logo } = useSite();
  return (
    <a class="brand" href={useHref()("/")}>
      {logo === null ? (
        <>
          <Mark />
          <bdi>{name}</bdi>
        </>
      ) : (
        <picture>
          {logo.dark === null ? null : (
            <source
              srcset={logo.dark.src}
              media="(prefers-color-scheme: dark)"
              width={logo.dark.width}
              height={logo.dark.height}
            />
          )}
          <img src={logo.src} alt={name} width={logo.width} height={logo.height} />
        </picture>
      )}
    </a>
  );
};

/** Links to elsewhere. */
export const SiteLinks = ({ links }: { links: readonly SiteLinkView[] }) => (
  <>
    {links.map(({ label, href }) => (
      <a class="own" href={href} rel="noopener">
        <bdi>{label}</bdi>
      </a>
    ))}
  </>
);

/** What the owner says at the end of every page. */
export const SiteFooter = () => {
  const { footer, footerLinks } = useSite();
  if (footer === null && footerLinks.length === 0) return null;
  return (
    <div class="own-footer">
      {footerLinks.length === 0 ? null : (
        <p class="own-links">
          <SiteLinks links={footerLinks} />
        </p>
      )}
      <Markup markup={footer} />
    </div>
  );
};

/** The owner's stylesheet, behind the pages' own. */
export const SiteStyle = () => {
  const { stylesheet } = useSite();
  return stylesheet === null ? null : <link rel="stylesheet" href={stylesheet} />;
};

const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <circle cx="12" cy="12" r="2.5" />
    <path d="M7.4 7.4a6.5 6.5 0 0 0 0 9.2M16.6 16.6a6.5 6.5 0 0 0 0-9.2" />
    <path d="M4.2 4.2a11 11 0 0 0 0 15.6M19.8 19.8a11 11 0 0 0 0-15.6" />
  </svg>
);
