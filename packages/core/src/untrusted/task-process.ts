/**
 * @file Work on input of others in a process of its own, which is ended where it takes too long or too much memory.
 * Parsers of foreign formats hold memory that no limit of a heap covers, and cannot be cut off otherwise.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** What each task of a process may take. */
export interface TaskLimits {
  /** Seconds between two signs of progress; the result is the last of them. */
  readonly stepSeconds: number;
  /** Resident memory of the process, in MiB. */
  readonly memoryMegabytes: number;
}

/** Why a task has no result. */
export type TaskFailure =
  | { readonly failure: "time"; readonly seconds: number }
  | { readonly failure: "memory"; readonly megabytes: number }
  | { readonly failure: "error"; readonly reason: string };

/** How a task ended. */
export type TaskEnd<Result> = { readonly result: Result } | TaskFailure;

/** A process that does one task after the other. */
export interface TaskProcess<Task, Result> {
  /**
   * Never rejects.
   *
   * @param totalSeconds longest time of the task, whatever progress it makes
   */
  run(task: Task, totalSeconds: number): Promise<TaskEnd<Result>>;
  close(): void;
}

/** What the process says: `ready` once, `progress` as often as it can, then an answer to each task. */
export type TaskAnswer<Result> =
  | { readonly kind: "ready" }
  | { readonly kind: "progress" }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "error"; readonly reason: string };

/** Seconds a process may take to start, on a machine that is busy. */
const secondsToStart = 60;

/**
 * Starts no process before the first task; after a task that was ended, the next one starts another.
 *
 * @param command Node, its flags and a program that speaks `TaskAnswer`; its limit in MiB is put behind it
 */
export function openTaskProcess<Task, Result>(
  command: readonly string[],
  limits: TaskLimits,
): TaskProcess<Task, Result> {
  let child: ChildProcess | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function perform(task: Task, totalSeconds: number): Promise<TaskEnd<Result>> {
    const isNew = child === null;
    child ??= start(command, limits.memoryMegabytes);
    const own = child;
    const end = await exchange<Result>(own, task, isNew, totalSeconds, limits);
    if ("failure" in end && end.failure !== "error") own.kill("SIGKILL");
    if (own.killed || !own.connected) child = null;
    return end;
  }

  return {
    run: (task, totalSeconds) => {
      const next = turn.then(() => perform(task, totalSeconds));
      turn = next;
      return next;
    },
    close: () => {
      child?.kill("SIGKILL");
      child = null;
    },
  };
}

/** Nothing waits for the process: it ends with the channel to it. */
function start([program = "", ...words]: readonly string[], megabytes: number): ChildProcess {
  const child = spawn(program, [`--max-old-space-size=${megabytes}`, ...words, String(megabytes)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  child.on("error", () => undefined); // whoever waits for an answer hears it too
  child.unref();
  return child;
}

/** One task and its end. Where the process is new, the clocks begin once it is ready. */
function exchange<Result>(
  child: ChildProcess,
  task: unknown,
  isNew: boolean,
  totalSeconds: number,
  { stepSeconds, memoryMegabytes: megabytes }: TaskLimits,
): Promise<TaskEnd<Result>> {
  return new Promise((settle) => {
    let [step, total]: (NodeJS.Timeout | undefined)[] = [];
    const end = (answer: TaskEnd<Result>): void => {
      clearTimeout(step);
      clearTimeout(total);
      child.off("message", hear).off("exit", leave).off("error", fail);
      child.channel?.unref();
      settle(answer);
    };
    const clock = (seconds: number): NodeJS.Timeout =>
      setTimeout(() => end({ failure: "time", seconds }), 1000 * seconds);
    const goOn = (seconds: number): void => {
      clearTimeout(step);
      step = clock(seconds);
    };
    const begin = (): void => {
      goOn(stepSeconds);
      total = clock(totalSeconds);
    };
    const hear = (message: unknown): void => {
      const answer = message as TaskAnswer<Result>;
      if (answer.kind === "ready") begin();
      else if (answer.kind === "progress") goOn(stepSeconds);
      else if (answer.kind === "result") end({ result: answer.result });
      else end({ failure: "error", reason: answer.reason });
    };
    const leave = (code: number | null, signal: string | null): void => {
      // It ends itself by SIGKILL where it takes too much; by SIGABRT or 134 where V8 finds no room in its heap.
      const isMemory = signal === "SIGKILL" || signal === "SIGABRT" || code === 134;
      const reason = `its reader ended with ${code ?? signal}`;
      end(isMemory ? { failure: "memory", megabytes } : { failure: "error", reason });
    };
    const fail = (error: Error): void => end({ failure: "error", reason: error.message });
    child.on("message", hear).on("exit", leave).on("error", fail);
    child.channel?.ref();
    if (isNew) goOn(secondsToStart);
    else begin();
    child.send({ task }, (error) => error && fail(error));
  });
}
