/**
 * @file Records calls as masked rows: off the path of the call, inside bounds of memory and time. Nothing that
 * goes wrong
 * reaches the caller; it costs the row, which is counted.
 */
import { randomBytes } from "node:crypto";
import { open, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorCode, errorReason } from "@tunewise/core/files";
import { DeadlinePassed, readTextFile, withDeadline } from "@tunewise/core/untrusted";
import { type Lock, takeLock } from "@tunewise/tracker";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { loadPriceBook } from "../prices/index.ts";
import type { Fields, RecordedAnswer } from "./answer-of-body.ts";
import { CallCounter, type RecordCounts } from "./counts.ts";
import { applyFeedback, type Feedback, feedbackLine, feedbackPath } from "./feedback.ts";
import { type MaskKind, rowMask, valueMask } from "./mask-row.ts";
import { pricesOfCalls } from "./price-of-call.ts";
import { openRowLog, type RowLog } from "./row-log.ts";
import { type CallFacts, rowOfCall } from "./row-of-call.ts";

/** Options of a recorder. */
export interface RecorderOptions {
  /** File of rows, relative to the working directory. */
  readonly file: string;
  readonly mask: readonly MaskKind[];
  /** Max. size of the file in bytes. */
  readonly maxBytes: number;
  /** Max. seconds to read and mask one call. */
  readonly secondsPerCall: number;
}

/** A call to record. */
export interface CapturedCall {
  /** Reads request and answer; no answer: the call failed. Called later, and may throw. */
  readonly read: () => { readonly request: Fields; readonly answer: RecordedAnswer | null };
  readonly facts: CallFacts;
  /** Size of request and answer in bytes or characters. */
  readonly size: number;
}

/** An open recorder. */
export interface Recorder {
  /** Takes a call. Never throws and never waits. */
  add(call: CapturedCall): void;
  /** Takes feedback about a recorded answer. Never throws and never waits. */
  addFeedback(feedback: Feedback): void;
  readonly counter: CallCounter;
  /** Calls that wait to be masked and written. */
  readonly waiting: number;
  /** Writes what waits, joins feedback with its rows, and closes the file. Never rejects. */
  close(): Promise<RecordCounts>;
}

/** Max. size of the calls that wait. */
const maxWaitingSize = 64 * 2 ** 20;
/** Max. size of one call; the context of current models is a few megabytes of text. */
export const maxCallSize: number = 16 * 2 ** 20;
/** Max. size of the file of feedback. */
const maxFeedbackBytes = 256 * 2 ** 20;

/**
 * Opens a recorder and creates its file if missing, readable for its owner only.
 *
 * @throws {TunewiseError} `RECORD_FILE_BUSY` if another process records into the file, `RECORD_FILE_UNWRITABLE`
 */
export async function openRecorder(options: RecorderOptions, runtime: Runtime): Promise<Recorder> {
  const path = resolve(runtime.cwd, options.file);
  const lock = await lockFile(path, options.file, runtime);
  try {
    return await recorderOf(path, lock, options, runtime);
  } catch (cause) {
    await lock.release();
    if (TunewiseError.is(cause)) throw cause;
    throw problem("RECORD_FILE_UNWRITABLE", { path: options.file, reason: errorReason(cause) }, { cause });
  }
}

async function lockFile(path: string, shown: string, runtime: Runtime): Promise<Lock> {
  const token = randomBytes(8).toString("hex");
  try {
    return await takeLock(`${path}.lock`, runtime.processes, runtime.now(), token);
  } catch (cause) {
    if (!TunewiseError.is(cause)) throw cause;
    if (cause.code !== "RUN_LOCKED") {
      const reason = `the folder ${dirname(shown)} cannot be written`;
      throw problem("RECORD_FILE_UNWRITABLE", { path: shown, reason }, { cause });
    }
    throw problem("RECORD_FILE_BUSY", { path: shown, pid: String(cause.params["pid"]) }, { cause });
  }
}

async function recorderOf(
  path: string,
  lock: Lock,
  { mask: kinds, maxBytes, secondsPerCall }: RecorderOptions,
  runtime: Runtime,
): Promise<Recorder> {
  await createPrivately(path);
  await applyFeedback(path).catch(() => undefined); // rows without their feedback are still rows
  const counter = new CallCounter();
  const log = await openRowLog(
    { path, maxBytes },
    {
      written: (rows, bytes) => {
        counter.recorded += rows;
        counter.bytes += bytes;
      },
      dropped: (rows, why) => counter.drop(why, rows),
    },
  );
  const { prices } = await loadPriceBook(runtime, runtime.cwd);
  const how = { salt: await saltOf(path), priceOf: pricesOfCalls(prices) };
  const mask = rowMask(kinds);
  const queue = openQueue(counter, secondsPerCall, (call) => {
    const { request, answer } = call.read();
    if (answer === null) return counter.drop("failed");
    const row = rowOfCall(request, answer, call.facts, how);
    if (row === null) return counter.drop("empty");
    log.add(JSON.stringify(mask(row)));
  });
  const feedback = openFeedbackLog(path, kinds);
  return {
    add: queue.add,
    addFeedback: feedback.add,
    counter,
    get waiting() {
      return queue.waiting;
    },
    close: async () => {
      await queue.end();
      await log.close();
      if (await feedback.close()) await applyFeedback(path).catch(() => undefined);
      await lock.release();
      return counter.read();
    },
  };
}

/** Calls that wait. */
interface CallQueue {
  add(call: CapturedCall): void;
  readonly waiting: number;
  /** Handles all calls. */
  end(): Promise<void>;
}

/** Handles calls one after the other, each in its own turn of the event loop. */
function openQueue(
  counter: CallCounter,
  secondsPerCall: number,
  handle: (call: CapturedCall) => void,
): CallQueue {
  const waiting: CapturedCall[] = [];
  let [size, isRunning] = [0, false];
  let ended: (() => void) | null = null;
  const next = (): void => {
    const call = waiting.shift();
    if (call === undefined) {
      isRunning = false;
      ended?.();
      return;
    }
    size -= call.size;
    try {
      withDeadline(secondsPerCall, () => handle(call));
    } catch (error) {
      counter.drop(error instanceof DeadlinePassed ? "too-slow" : "unreadable");
    }
    setImmediate(next);
  };
  return {
    add: (call) => {
      if (call.size > maxCallSize) return counter.drop("too-large");
      if (size + call.size > maxWaitingSize) return counter.drop("queue-full");
      waiting.push(call);
      size += call.size;
      if (!isRunning) setImmediate(next);
      isRunning = true;
    },
    get waiting() {
      return waiting.length;
    },
    end: () =>
      new Promise((done) => {
        if (isRunning) ended = done;
        else done();
      }),
  };
}

/** The file of feedback, which is opened with the first one. */
function openFeedbackLog(
  path: string,
  kinds: readonly MaskKind[],
): { add(feedback: Feedback): void; close(): Promise<boolean> } {
  const mask = valueMask(kinds);
  const none = { written: () => undefined, dropped: () => undefined };
  let log: Promise<RowLog | null> | null = null;
  return {
    add: (feedback) => {
      const line = feedbackLine(mask(feedback));
      log ??= createPrivately(feedbackPath(path))
        .then(() => openRowLog({ path: feedbackPath(path), maxBytes: maxFeedbackBytes }, none))
        .catch(() => null);
      void log.then((open) => open?.add(line));
    },
    close: async () => {
      const open = await log;
      await open?.close();
      return open !== null;
    },
  };
}

/** Creates a missing file that only its owner may read. */
async function createPrivately(path: string): Promise<void> {
  await (await open(path, "a", 0o600)).close();
}

/** Max. length of a salt. */
const maxSaltBytes = 1_000;

/**
 * The secret that hashes of users are made with. It is beside the file, so that a user has the same hash after a
 * restart.
 * Without it nobody can test whether a row is that of a certain user.
 */
async function saltOf(path: string): Promise<string> {
  const file = `${path}.salt`;
  const salt = randomBytes(24).toString("hex");
  try {
    await writeFile(file, salt, { flag: "wx", mode: 0o600 });
    return salt;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const known = await readTextFile(file, maxSaltBytes);
    return (await stat(file)).size > 0 ? known : salt;
  }
}
