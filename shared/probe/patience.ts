/**
 * How long an answer is waited for before the next message goes out all the same, so that one that
 * is lost does not leave the others unmeasured. What comes later still counts. Pure.
 */

/** No network is so fast that silence says something sooner, in milliseconds. */
const PATIENCE_MIN_MS = 500;
/** An answer may take this many times as long as the slowest so far. */
const PATIENCE_RTTS = 3;

/**
 * Milliseconds to wait.
 *
 * @param leftMs time left for all that is to come
 * @param left messages that are still to be sent
 * @param slowestMs longest round trip so far
 */
export function patienceMs(leftMs: number, left: number, slowestMs: number): number {
  return Math.max(leftMs / (left + 1), slowestMs * PATIENCE_RTTS, PATIENCE_MIN_MS);
}
