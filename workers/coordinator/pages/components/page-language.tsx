/** The language of the page that is being rendered, and the site that it is of, for all components. */
import type { Child } from "hono/jsx";
import { createContext, useContext } from "hono/jsx";
import type { Words } from "../language/words.ts";
import type { SiteView } from "../view-model/site.ts";

/** What components need to know to speak and to link. */
export interface PageLanguage {
  words: Words;
  site: SiteView;
  /** Whether links must name the language, because this page's address does. */
  named: boolean;
  /** The languages that are offered, each with the address of this page in it. */
  offered: ReadonlyArray<{ tag: string; name: string; direction: string; href: string }>;
}

const Context = createContext<PageLanguage | null>(null);

/** Renders its children in a language. */
export const InLanguage = ({ value, children }: { value: PageLanguage; children?: Child }) => (
  <Context.Provider value={value}>{children}</Context.Provider>
);

/** The language of the page. */
export function usePageLanguage(): PageLanguage {
  const language = useContext(Context);
  if (language === null) throw new Error("a page is rendered without a language");
  return language;
}

/** The words of the page's language. */
export function useWords(): Words {
  return usePageLanguage().words;
}

/** How the site calls itself and looks. */
export function useSite(): SiteView {
  return usePageLanguage().site;
}

/** Address of another page in the language of this one. */
export function useHref(): (path: string) => string {
  const { named, words } = usePageLanguage();
  return (path) => {
    if (!named) return path;
    const [before = "", anchor] = path.split("#");
    const address = `${before}${before.includes("?") ? "&" : "?"}lang=${words.language.tag}`;
    return anchor === undefined ? address : `${address}#${anchor}`;
  };
}

interface FilledProps {
  message: string;
  values: Readonly<Record<string, Child>>;
}

/** A message with elements in the places of its `{names}`. */
export const Filled = ({ message, values }: FilledProps) => (
  <>
    {message
      .split(/(\{\w+\})/)
      .map((part) => (part.startsWith("{") ? values[part.slice(1, -1)] : part))}
  </>
);
