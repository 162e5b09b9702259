/**
 * @file Runs work on untrusted input in a separate process, which is killed if it takes too much time or memory.
 * Parsers of foreign formats use memory outside the V8 heap limit and cannot be interrupted otherwise.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** Limits of each task of a process. */
export interface TaskLimits {
  /** Max. seconds between two signs of progress; the result is the last sign. */
  readonly stepSeconds: number;
  /** Max. resident memory of the process, in MiB. */
  readonly memoryMegabytes: number;
}

/** Why a task has no result. */
export type TaskFailure =
  | { readonly failure: "time"; readonly seconds: number }
  | { readonly failure: "memory"; readonly megabytes: number }
  | { readonly failure: "error"; readonly reason: string };

/** How a task ended. */
export type TaskEnd<Result> = { readonly result: Result } | TaskFailure;

/** A process that runs one task after another. */
export interface TaskProcess<Task, Result> {
  /**
   * Runs a task; never rejects.
   *
   * @param totalSeconds max. time of the task, regardless of progress
   */
  run(task: Task, totalSeconds: number): Promise<TaskEnd<Result>>;
  close(): void;
}

/** Messages from the process: `ready` once, `progress` as often as possible, then one answer per task. */
export type TaskAnswer<Result> =
  | { readonly kind: "ready" }
  | { readonly kind: "progress" }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "error"; readonly reason: string };

/** Max. seconds for the process to start, even on a busy machine. */
const secondsToStart = 60;

/**
 * Creates a task process, which starts with the first task. After a task was killed, the next one starts a new process.
 *
 * @param command Node, its flags and a program that sends `TaskAnswer` messages; the memory limit in MiB is appended
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

/** The parent does not wait for the process, which ends when its channel closes. */
function start([program = "", ...words]: readonly string[], megabytes: number): ChildProcess {
  const child = spawn(program, [`--max-old-space-size=${megabytes}`, ...words, String(megabytes)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  child.on("error", () => undefined); // `exchange` handles this event too
  child.unref();
  return child;
}

/** Sends one task and waits for its end. For a new process, the time limits start once it is ready. */
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
      // The process kills itself with SIGKILL above its memory limit; V8 aborts (SIGABRT or 134) if its heap is full.
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
