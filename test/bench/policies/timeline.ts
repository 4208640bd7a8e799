/** Times in which something is so, in their order. Pure. */

/** From a moment to another, the first included; UTC epoch milliseconds. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Spans that do not overlap. */
export class Timeline<T extends Span> {
  readonly spans: readonly T[];

  /** @throws RangeError where spans are out of order or overlap */
  constructor(spans: readonly T[]) {
    let lastMs = -Infinity;
    for (const { fromMs, toMs } of spans) {
      if (fromMs < lastMs || toMs < fromMs) throw new RangeError("spans overlap");
      lastMs = toMs;
    }
    this.spans = spans;
  }

  /**
   * The span that holds a moment; undefined: none.
   *
   * @param graceMs how much longer each span is taken to last
   */
  at(atMs: number, graceMs = 0): T | undefined {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const span = this.spans[middle];
      if (span !== undefined && span.fromMs <= atMs) low = middle + 1;
      else high = middle;
    }
    const span = this.spans[low - 1];
    return span !== undefined && atMs < span.toMs + graceMs ? span : undefined;
  }
}
