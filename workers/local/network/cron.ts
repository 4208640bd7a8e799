/**
 * Fires at every multiple of a pace, as the platform's cron fires at every minute.
 *
 * A moment that passed while the machine slept is not fired later: the platform would not either.
 */

/** A running cron. */
export interface Cron {
  stop(): void;
}

/** First multiple of the pace after a moment, both in milliseconds. */
export function nextTick(nowMs: number, paceMs: number): number {
  return (Math.floor(nowMs / paceMs) + 1) * paceMs;
}

/**
 * Starts a cron.
 *
 * @param fire is given the moment that was due (UTC epoch milliseconds); its errors are its own
 */
export function startCron(paceMs: number, fire: (scheduledAtMs: number) => void): Cron {
  let timer: NodeJS.Timeout;
  const arm = (scheduledAtMs: number) => {
    timer = setTimeout(() => {
      const nowMs = Date.now();
      // Timers may fire a moment early; that would make the same tick due again.
      if (nowMs < scheduledAtMs) return arm(scheduledAtMs);
      fire(Math.floor(nowMs / paceMs) * paceMs);
      arm(nextTick(nowMs, paceMs));
    }, scheduledAtMs - Date.now());
  };
  arm(nextTick(Date.now(), paceMs));
  return { stop: () => clearTimeout(timer) };
}
