/**
 * @file Work that input of others may make endless: a regular expression, a template. It runs on this thread, and is
 * cut off wherever it stands, inside a regular expression too.
 *
 * V8's own watchdog does this, so that no loop must ask the time. It costs about a tenth of a millisecond; work of
 * many small pieces therefore takes one deadline around many of them, and the deadlines inside are then not set.
 */
import { createContext, Script } from "node:vm";

/** Work was cut off. */
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
 * Does work that ends within some seconds of the wall clock, or is ended. What it was about to change may be half
 * changed then, so that its owner must throw that away. Inside of other such work the outer deadline counts alone.
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
