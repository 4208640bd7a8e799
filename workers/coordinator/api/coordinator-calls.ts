/**
 * Calls from the API to the coordinator's object, each with a deadline.
 *
 * An object that does not answer becomes a 503 problem; a change of the configuration is not undone
 * by it, since the object reads the configuration again each minute anyway.
 */
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import type { CoordinatorRpc } from "../object/rpc.ts";
import { ProblemError, unavailable } from "./problem.ts";

/** Longest wait for an answer that the object has at hand. */
export const ANSWER_DEADLINE_MS = 10_000;
/** Longest wait for checks or a test message: a check may take a minute. */
export const WORK_DEADLINE_MS = 100_000;
/** Longest that an accepted change waits for the object to take it in. */
const NOTICE_DEADLINE_MS = 3_000;

/**
 * Asks the object.
 *
 * @throws ProblemError (503) when it fails or does not answer in time
 */
export async function askCoordinator<T>(
  env: Env,
  ask: (coordinator: CoordinatorRpc) => Promise<T>,
  deadlineMs = ANSWER_DEADLINE_MS,
): Promise<T> {
  try {
    const late = () => unavailable(`The coordinator did not answer in ${deadlineMs} ms.`);
    return await within(deadlineMs, () => ask(coordinatorOf(env)), late);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const failure = unavailable("The coordinator does not answer. Try again shortly.");
    failure.cause = error;
    throw failure;
  }
}

/** Tells the object that configuration or channels have changed, so that it need not wait. */
export async function tellCoordinator(env: Env): Promise<void> {
  try {
    await within(NOTICE_DEADLINE_MS, () => coordinatorOf(env).configChanged());
  } catch {
    // The change is stored and published; the object finds it within a minute by itself.
  }
}

/**
 * Asks about something that D1 knows. An object that has not heard of it is told to read the
 * configuration again, and asked once more.
 */
export async function askAboutStored<T>(
  env: Env,
  ask: (coordinator: CoordinatorRpc) => Promise<T | null>,
  deadlineMs = ANSWER_DEADLINE_MS,
): Promise<T> {
  const answer =
    (await askCoordinator(env, ask, deadlineMs)) ??
    (await askCoordinator(
      env,
      async (coordinator) => {
        await coordinator.configChanged();
        return ask(coordinator);
      },
      deadlineMs,
    ));
  if (answer !== null) return answer;
  throw unavailable("The coordinator has not taken this change in yet. Try again shortly.");
}
