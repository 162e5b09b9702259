/**
 * @file Trains a segment of a trial in a child process, so that several trials run in parallel. The result is read
 * from the record; a process that exits without one fails the trial.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { packageProgram } from "../../catalog/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { isLocked, openRuns } from "../../track/index.ts";
import type { BegunRun } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";
import {
  finishedSegment,
  pauseChange,
  recordedSegment,
  type SegmentRequest,
  type SegmentResult,
} from "./train-segment.ts";
import type { TrialCommand, TrialMessage } from "./trial-messages.ts";

/** How long the process of a killed search may take to save and exit. */
const lockTimeoutMs = 60_000;
const pollIntervalMs = 100;
/** Characters of standard error that are retained. */
const maxStderrChars = 2_000;

/** Exit of a child process. */
interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly message: Exclude<TrialMessage, { kind: "event" }> | null;
  /** The end of its standard error. */
  readonly stderr: string;
}

/**
 * Trains a segment in a child process. A segment that an earlier execution finished is read from the record.
 *
 * @param signal on abort the process saves and exits, and the segment counts as interrupted
 * @throws {TunewiseError} the problem that the process reports, `RUN_LOCKED`, `SEARCH_HALTED`
 */
export async function trainInProcess(
  place: BegunRun,
  { prepared, plan }: PreparedTrial,
  request: SegmentRequest,
  runtime: Runtime,
  signal: AbortSignal,
  watch: (event: EventBody) => void,
): Promise<SegmentResult> {
  await waitForLock(place.folder.lock, runtime, signal);
  const ended = await finishedSegment(place, request);
  if (ended !== null) return ended;
  const { to } = request;
  const idle: SegmentResult = { status: "interrupted", to, at: 0, value: null, curve: [], sentence: "" };
  if (signal.aborted) return idle;
  const { loaded, dataFingerprint } = prepared;
  const { folder: _, ...run } = place;
  const order = { loaded, plan, run, dataFingerprint, request };
  const end = await runProcess({ kind: "order", order }, runtime, signal, watch);
  const { message } = end;
  if (message?.kind === "problem") throw problem(message.code as ProblemCode, message.about);
  if (message !== null) throw new Error(message.message);
  const result = await (end.code === 0 ? recordedSegment : finishedSegment)(place, request);
  // a signal that arrives before the process ignores the terminal, as from Ctrl-C, was meant for the whole search
  const isAsked = signal.aborted || end.signal === "SIGINT" || end.signal === "SIGTERM";
  if (result === null && isAsked) return idle;
  return result ?? (await recordFailure(place, request, end, runtime));
}

/** Waits until a process left behind by a killed search has saved, exited and released the run's lock. */
async function waitForLock(lock: string, { processes }: Runtime, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < lockTimeoutMs && !signal.aborted; waited += pollIntervalMs) {
    if (!(await isLocked(lock, processes))) return;
    await new Promise((later) => setTimeout(later, pollIntervalMs));
  }
}

async function runProcess(
  command: TrialCommand,
  { node, cwd }: Runtime,
  signal: AbortSignal,
  watch: (event: EventBody) => void,
): Promise<ProcessExit> {
  const [program = "", ...flags] = [...node, packageProgram("trial")];
  const child = spawn(program, flags, {
    ...{ cwd, serialization: "advanced" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let message: ProcessExit["message"] = null;
  let stderr = "";
  child.stderr?.on("data", (part: Buffer) => {
    stderr = (stderr + part.toString("utf8")).slice(-maxStderrChars);
  });
  child.on("message", (received) => {
    const one = received as TrialMessage;
    if (one.kind === "event") watch(one.event);
    else message = one;
  });
  const stop = (): void => send(child, { kind: "end" });
  signal.addEventListener("abort", stop);
  try {
    return await new Promise<ProcessExit>((resolve) => {
      child.once("error", (cause) => {
        const reason = `its process could not be started: ${cause.message}`;
        if (child.pid === undefined)
          resolve({ code: null, signal: null, message: { kind: "fault", message: reason }, stderr });
      });
      child.once("close", (code, by) => resolve({ code, signal: by, message, stderr }));
      send(child, command);
      if (signal.aborted) stop();
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A process that has exited receives nothing; its `close` event reports the exit. */
function send(child: ChildProcess, command: TrialCommand): void {
  if (child.connected) child.send(command, () => undefined);
}

/** Records the failure of a run whose process exited without a result. */
async function recordFailure(
  place: BegunRun,
  request: SegmentRequest,
  { code, signal, stderr }: ProcessExit,
  runtime: Runtime,
): Promise<SegmentResult> {
  const lines = stderr.trim().split("\n");
  const why = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  const how =
    signal === null
      ? `with exit code ${code}${why === "" ? "" : `: ${why}`}`
      : `by ${signal}${signal === "SIGKILL" ? ", as where memory runs out" : ""}`;
  const stretch: SegmentResult = {
    ...({ status: "failed", to: request.to, at: 0, value: null, curve: [] } as const),
    sentence: `its process ended ${how}`,
  };
  const store = await openRuns(place.output);
  try {
    await store.record({ run: { id: place.runId, change: pauseChange(stretch, request, runtime) } });
  } finally {
    await store.close();
  }
  return stretch;
}
