/** Deadlines of what the API and the pages wait for, on the Worker's own timers. */

/**
 * Waits for work, but not for longer than a deadline; how it ends after that is of no interest.
 *
 * @param deadlineMs longest wait, in milliseconds
 * @param late what it fails with when the time is up first
 */
export function within<T>(
  deadlineMs: number,
  work: () => Promise<T>,
  late = () => new Error(`No answer within ${deadlineMs} ms`),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), deadlineMs);
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
