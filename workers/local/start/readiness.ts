/**
 * Waits until the status page really answers.
 */
import { Complaint } from "../complaint.ts";

const DEADLINE_MS = 30_000;
const ATTEMPT_MS = 5_000;
const PAUSE_MS = 100;

/**
 * Resolves once the page answers with 200.
 *
 * @throws Complaint when it does not in time
 */
export async function waitForPage(url: string): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  let last = "no answer";
  while (Date.now() < deadlineMs) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ATTEMPT_MS) });
      await response.arrayBuffer();
      if (response.status === 200) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Complaint(`The status page at ${url} does not answer: ${last}.`, 1);
}
