/** What a probe says about itself: one line of JSON per event, without secrets. */

/** Writes one event to the Worker's log. */
export function report(event: string, fields: Record<string, string | number | boolean>): void {
  // oxlint-disable-next-line no-console -- the platform collects a Worker's log from its console
  console.warn(JSON.stringify({ event, ...fields }));
}
