/**
 * An error that is meant for the person at the terminal: one line that says what is wrong and what
 * to do, an exit code, and no stack trace.
 */

/** Exit code of a command that was used wrongly or cannot begin. */
export const EXIT_USAGE = 2;

/** What went wrong, in words for the person who typed the command. */
export class Complaint extends Error {
  override readonly name = "Complaint";
  readonly exitCode: number;

  /** @param exitCode 1 … 255 */
  constructor(message: string, exitCode = EXIT_USAGE) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first sentence of what was thrown, without its full stop: Node explains the rest at length. */
export function firstSentence(error: unknown): string {
  return errorText(error).split(/\.?\n|\. /)[0] ?? "";
}

/** Code of a system error such as `EADDRINUSE`; null for anything else. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

/**
 * Runs a command to its end: complaints become one line on standard error and an exit code, anything
 * else that is thrown is a bug and shows its stack.
 *
 * @param failureCode exit code of every error, for commands whose small codes mean something else
 */
export async function runCommand(
  command: () => Promise<number>,
  failureCode?: number,
): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (error instanceof Complaint) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = failureCode ?? error.exitCode;
      return;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.exitCode = failureCode ?? 1;
  }
}
