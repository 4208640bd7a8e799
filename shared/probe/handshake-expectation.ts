/**
 * What a monitor expects of the 101 answer beyond RFC 6455: headers and the subprotocol. Pure.
 *
 * Header names compare without case, values without spaces around them; fields of one name count as
 * one, joined by commas (RFC 9110 §5.3).
 */
import type { Header } from "../websocket/header-syntax.ts";
import { headerValues, trimOws } from "../websocket/header-syntax.ts";
import { quote } from "./quote.ts";
import type { Redactor } from "./redaction.ts";
import { printable } from "./transcript.ts";

/** What must be true of the answer. */
export interface HandshakeExpectation {
  /** Value that a header must have; null: the header must not be there. */
  headers: ReadonlyArray<readonly [name: string, value: string | null]>;
  /** Subprotocol that must have been chosen; null: any. */
  subprotocol: string | null;
}

/** What came. */
export interface HandshakeAnswer {
  headers: readonly Header[];
  /** Null: none was chosen. */
  subprotocol: string | null;
}

/**
 * Compares an answer with what was expected of it.
 *
 * @returns sentences that say of each difference what was expected and what came, without secrets;
 *   empty: there is none
 */
export function handshakeDifferences(
  expected: HandshakeExpectation | undefined,
  answer: HandshakeAnswer,
  redactor: Redactor,
): string[] {
  if (expected === undefined) return [];
  const sentences = expected.headers.flatMap(([name, value]) =>
    headerDifference(name, value, answer.headers, redactor),
  );
  const { subprotocol } = expected;
  if (subprotocol !== null && subprotocol !== answer.subprotocol) {
    const shown = (text: string) => quote(redactor.text(printable(text)));
    const came = answer.subprotocol === null ? "none" : shown(answer.subprotocol);
    sentences.push(`Expected the subprotocol ${shown(subprotocol)}, but ${came} was chosen.`);
  }
  return sentences;
}

function headerDifference(
  name: string,
  expected: string | null,
  headers: readonly Header[],
  redactor: Redactor,
): string[] {
  const values = headerValues(headers, name).map(trimOws);
  const came = values.length === 0 ? null : values.join(", ");
  if (came === (expected === null ? null : trimOws(expected))) return [];
  // As a line of a head, so that whatever is secret there is secret here.
  const shown = (value: string) => quote(redactor.head(`${name}: ${printable(value)}`));
  if (expected === null) return [`Expected no header ${name}, but ${shown(came ?? "")} came.`];
  const instead = came === null ? "no header of that name" : shown(came);
  return [`Expected the header ${shown(expected)}, but ${instead} came.`];
}
