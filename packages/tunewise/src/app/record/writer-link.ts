/**
 * @file The process that masks and writes rows for a proxy, so that a long prompt delays no other call. It survives the
 * proxy until it has written what it was given.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { packageProgram } from "../../catalog/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { CallBodies } from "./body.ts";
import { CallCounter, type RecordCounts } from "./counts.ts";
import type { Feedback } from "./feedback.ts";
import { maxCallSize, type RecorderOptions } from "./recorder.ts";

/** A message to the process. */
export type WriterOrder =
  | { readonly kind: "open"; readonly options: RecorderOptions; readonly cwd: string }
  | { readonly kind: "call"; readonly call: CallBodies }
  | { readonly kind: "feedback"; readonly feedback: Feedback }
  | { readonly kind: "close" };

/** A message of the process. */
export type WriterReport =
  /** The file is open. */
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly code: string; readonly params: Readonly<Record<string, string>> }
  /** Counts so far, with the number of calls that were handled. */
  | { readonly kind: "counts"; readonly counts: RecordCounts; readonly handled: number };

/** A running process. */
export interface Writer {
  /** Hands over a call. Never throws and never waits. */
  add(call: CallBodies): void;
  addFeedback(feedback: Feedback): void;
  /** Counts of the proxy and of the process. */
  counts(): RecordCounts;
  /** For calls that are not handed over. */
  readonly counter: CallCounter;
  /** Waits until everything is written. */
  close(): Promise<RecordCounts>;
}

/** Max. size of the calls that the process has not confirmed. */
const maxUnconfirmedSize = 128 * 2 ** 20;

/** Max. restarts of the process; after that its rows are counted as lost. */
const maxRestarts = 20;

/** Milliseconds for the process to write what it was given, at the end. */
const closeMs = 60_000;

/** Why the process did not open the file. */
export type Refusal = Extract<WriterReport, { kind: "refused" }>;

/** Starts the process. @returns the reason if it cannot open the file */
export async function startWriter(options: RecorderOptions, runtime: Runtime): Promise<Writer | Refusal> {
  const link = new WriterLink(options, runtime);
  const first = await link.start();
  return first.kind === "refused" ? first : link;
}

class WriterLink implements Writer {
  readonly counter = new CallCounter();
  readonly #options: RecorderOptions;
  readonly #runtime: Runtime;
  #child: ChildProcess | null = null;
  #restarts = 0;
  #isClosing = false;
  /** Sizes of calls that the process has not confirmed, oldest first. */
  #unconfirmed: number[] = [];
  #unconfirmedSize = 0;
  #confirmed = 0;
  /** Counts of the process, and of those before it. */
  #current: RecordCounts | null = null;

  constructor(options: RecorderOptions, runtime: Runtime) {
    this.#options = options;
    this.#runtime = runtime;
  }

  start(): Promise<WriterReport> {
    const [program = "", ...words] = [...this.#runtime.node, packageProgram("record-writer")];
    // A group of its own: Ctrl-C in a terminal reaches the proxy alone, which then asks the process to end.
    const child = spawn(program, words, {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
      detached: true,
    });
    this.#child = child;
    this.#confirmed = 0;
    return new Promise((ready) => {
      child.on("message", (message) => {
        const report = message as WriterReport;
        if (report.kind === "counts") this.#confirm(report);
        else ready(report);
      });
      const ended = (): void => {
        ready({ kind: "refused", code: "RECORD_FILE_UNWRITABLE", params: unwritable(this.#options.file) });
        this.#lose(child);
      };
      child.on("exit", ended).on("error", ended);
      this.#send({ kind: "open", options: this.#options, cwd: this.#runtime.cwd });
    });
  }

  add(call: CallBodies): void {
    const size = call.request.bytes.length + call.answer.bytes.length;
    if (size > maxCallSize) this.counter.drop("too-large");
    else if (this.#unconfirmedSize + size > maxUnconfirmedSize) this.counter.drop("queue-full");
    else if (this.#child === null) this.counter.drop("lost");
    else {
      this.#unconfirmed.push(size);
      this.#unconfirmedSize += size;
      this.#send({ kind: "call", call });
    }
  }

  addFeedback(feedback: Feedback): void {
    this.#send({ kind: "feedback", feedback });
  }

  counts(): RecordCounts {
    return sum(this.counter.read(), this.#current);
  }

  async close(): Promise<RecordCounts> {
    this.#isClosing = true;
    const child = this.#child;
    if (child !== null) {
      const end = new Promise<void>((done) => child.once("exit", () => done()));
      const alarm = setTimeout(() => child.kill("SIGKILL"), closeMs);
      this.#send({ kind: "close" });
      await end;
      clearTimeout(alarm);
    }
    return this.counts();
  }

  #send(order: WriterOrder): void {
    if (this.#child?.connected) this.#child.send(order, () => undefined);
  }

  #confirm({ counts, handled }: Extract<WriterReport, { kind: "counts" }>): void {
    this.#current = counts;
    const done = this.#unconfirmed.splice(0, handled - this.#confirmed);
    this.#unconfirmedSize -= done.reduce((total, size) => total + size, 0);
    this.#confirmed = handled;
  }

  /** The process ended. What it did not confirm is lost, and another one continues. */
  #lose(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.counter.drop("lost", this.#unconfirmed.length);
    this.#unconfirmed = [];
    this.#unconfirmedSize = 0;
    if (this.#current !== null) this.counter.add(this.#current);
    this.#current = null;
    if (this.#isClosing || this.#restarts >= maxRestarts) return;
    this.#restarts++;
    setTimeout(() => {
      if (!this.#isClosing) void this.start();
    }, 1_000).unref();
  }
}

function unwritable(path: string): Readonly<Record<string, string>> {
  return { path, reason: "the process that writes it did not start" };
}

function sum(own: RecordCounts, other: RecordCounts | null): RecordCounts {
  const all = new CallCounter();
  all.add(own);
  if (other !== null) all.add(other);
  return all.read();
}
