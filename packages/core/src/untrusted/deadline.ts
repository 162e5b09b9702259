/**
 * @file Limits the time of work that untrusted input may make endless, such as a regular expression or a template. The
 * work runs on this thread and can be interrupted anywhere, even within a regular expression.
 *
 * V8's own watchdog does this, so loops need not check the time. A deadline costs about 0.1 ms. Many small pieces of
 * work should therefore share one outer deadline; nested deadlines are then not set.
 */
import { createContext, Script } from "node:vm";

/** The work took too long and was interrupted. */
export class DeadlinePassed extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`it took more than ${seconds} s`);
    this.seconds = seconds;
  }
}

const frame: { work: (() => unknown) | null } = { work: null };
const context = createContext(frame);
const call = new Script("work()");
let isTimed = false;

/**
 * Runs work and interrupts it after a number of seconds of wall time. Interruption may leave data half changed, so the
 * caller must discard whatever the work was changing. Within other such work, only the outer deadline applies.
 *
 * @param seconds above 0
 * @throws {DeadlinePassed}
 * @throws what the work throws
 */
export function withDeadline<Result>(seconds: number, work: () => Result): Result {
  if (isTimed) return work();
  isTimed = true;
  frame.work = work;
  try {
    return call.runInContext(context, { timeout: Math.ceil(1000 * seconds) }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new DeadlinePassed(seconds);
  } finally {
    isTimed = false;
    frame.work = null;
  }
}
