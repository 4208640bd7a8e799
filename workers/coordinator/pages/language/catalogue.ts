/** The form of a language's catalogue, taken from the English one. Types only. */
import type { Reason } from "../../../../shared/probe/reason.ts";
import type { RegionId } from "../../../../shared/regions.ts";
import type { EN } from "./en.ts";

/** Forms of a message by number; at least `other`. */
export type Plural = { readonly other: string } & {
  readonly [Rule in Exclude<Intl.LDMLPluralRule, "other">]?: string;
};

/** The same keys, with any text. */
type Translated<Message> = Message extends string
  ? string
  : Message extends { readonly other: string }
    ? Plural
    : { readonly [Key in keyof Message]: Translated<Message[Key]> };

/** All messages of the pages. */
export type Messages = Translated<typeof EN>;

/** A language's messages, with what reasons mean and how regions are called in it. */
export interface Catalogue {
  messages: Messages;
  reasons: Readonly<Record<Reason, string>>;
  places: Readonly<Record<RegionId, string>>;
}
