/**
 * @file A stretch in a process of its own, so that several train at the same time. What came of it is read from the
 * record; a process that ended without a result makes the trial a failed one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { packageProgram } from "../../catalog/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { isLocked, openRuns } from "../../track/index.ts";
import type { BegunRun } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";
import {
  endedBefore,
  pausedWith,
  recordedStretch,
  type StretchRequest,
  type StretchResult,
} from "./train-stretch.ts";
import type { TrialNews, TrialWord } from "./trial-order.ts";

/** How long a process of a search that was killed may take to save and end. */
const patienceMs = 60_000;
const lookEveryMs = 100;
/** Most that is kept of what a process complains of. */
const heardMost = 2_000;

/** How a process ended. */
interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly news: Exclude<TrialNews, { kind: "event" }> | null;
  /** The end of its standard error. */
  readonly heard: string;
}

/**
 * Trains a stretch in a process; one that an earlier sitting ended is read from the record.
 *
 * @param signal aborted: the process saves and ends, and the stretch is an interrupted one
 * @throws {TunewiseError} what the process says that it ended by, `RUN_LOCKED`, `SEARCH_HALTED`
 */
export async function trainApart(
  place: BegunRun,
  { prepared, plan }: PreparedTrial,
  request: StretchRequest,
  host: Host,
  signal: AbortSignal,
  watch: (event: EventBody) => void,
): Promise<StretchResult> {
  await prepared.model.weights.close();
  await freed(place.folder.lock, host, signal);
  const ended = await endedBefore(place, request);
  if (ended !== null) return ended;
  const { to } = request;
  const idle: StretchResult = { status: "interrupted", to, at: 0, value: null, curve: [], sentence: "" };
  if (signal.aborted) return idle;
  const { loaded, dataFingerprint } = prepared;
  const { folder: _, ...run } = place;
  const order = { loaded, plan, run, dataFingerprint, request };
  const end = await processOf({ kind: "order", order }, host, signal, watch);
  const { news } = end;
  if (news?.kind === "problem") throw problem(news.code as ProblemCode, news.about);
  if (news !== null) throw new Error(news.message);
  const result = await (end.code === 0 ? recordedStretch : endedBefore)(place, request);
  // whoever asks a process to end before it listens to the search alone, as Ctrl-C does, means all of them
  const isAsked = signal.aborted || end.signal === "SIGINT" || end.signal === "SIGTERM";
  if (result === null && isAsked) return idle;
  return result ?? (await failed(place, request, end, host));
}

/** Waits for a process that a killed search has left behind: it saves, ends, and gives the run's lock back. */
async function freed(lock: string, { processes }: Host, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < patienceMs && !signal.aborted; waited += lookEveryMs) {
    if (!(await isLocked(lock, processes))) return;
    await new Promise((later) => setTimeout(later, lookEveryMs));
  }
}

async function processOf(
  word: TrialWord,
  { node, cwd }: Host,
  signal: AbortSignal,
  watch: (event: EventBody) => void,
): Promise<ProcessEnd> {
  const [program = "", ...flags] = [...node, packageProgram("trial")];
  const child = spawn(program, flags, {
    ...{ cwd, serialization: "advanced" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let news: ProcessEnd["news"] = null;
  let heard = "";
  child.stderr?.on("data", (part: Buffer) => {
    heard = (heard + part.toString("utf8")).slice(-heardMost);
  });
  child.on("message", (said) => {
    const one = said as TrialNews;
    if (one.kind === "event") watch(one.event);
    else news = one;
  });
  const stop = (): void => tell(child, { kind: "end" });
  signal.addEventListener("abort", stop);
  try {
    return await new Promise<ProcessEnd>((resolve) => {
      child.once("error", (cause) => {
        const message = `its process could not be started: ${cause.message}`;
        if (child.pid === undefined)
          resolve({ code: null, signal: null, news: { kind: "fault", message }, heard });
      });
      child.once("close", (code, by) => resolve({ code, signal: by, news, heard }));
      tell(child, word);
      if (signal.aborted) stop();
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A process that is gone hears nothing; that it is gone is seen at its end. */
function tell(child: ChildProcess, word: TrialWord): void {
  if (child.connected) child.send(word, () => undefined);
}

/** The record of a run whose process ended without a word. */
async function failed(
  place: BegunRun,
  request: StretchRequest,
  { code, signal, heard }: ProcessEnd,
  host: Host,
): Promise<StretchResult> {
  const lines = heard.trim().split("\n");
  const why = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  const how =
    signal === null
      ? `with exit code ${code}${why === "" ? "" : `: ${why}`}`
      : `by ${signal}${signal === "SIGKILL" ? ", as where memory runs out" : ""}`;
  const stretch: StretchResult = {
    ...({ status: "failed", to: request.to, at: 0, value: null, curve: [] } as const),
    sentence: `its process ended ${how}`,
  };
  const store = await openRuns(place.output);
  try {
    await store.record({ run: { id: place.runId, change: pausedWith(stretch, request, host) } });
  } finally {
    await store.close();
  }
  return stretch;
}
