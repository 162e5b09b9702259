/** @file Records a program's own training loop in the store, as the tracking protocols record those of clients. */
import {
  admissionTags,
  beginTrackedRun,
  createWriter,
  type Database,
  endClientRun,
  enforceBudgets,
  findTrackedRun,
  type KeyValue,
  knownPerson,
  logBatch,
  openNamedStore,
  openProject,
  type Point,
  rateTag,
  settleRun,
  type Write,
  writeAdmission,
} from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { outerLaunch } from "../runs/index.ts";
import { resultMetrics } from "./result-metrics.ts";

/** Interval at which points are written and stop requests read. */
const flushMs = 1_000;
/** Interval at which a run without new points reports that it is alive, and its time is charged. */
const aliveMs = 10_000;
/** Points kept while the store cannot be written. */
const maxPending = 100_000;
/** Maximum characters of names, as in MLflow. */
const maxLength = { key: 250, param: 6000, tag: 8000 } as const;
/** Without a rate, time is metered but costs nothing. */
const unknownPrice = { microUsdPerHour: 0, source: "no rate was given" };

/** A training loop to record. */
export interface LoopRequest {
  /** Created if it does not exist. */
  readonly project: string;
  /** Default: the project's name. */
  readonly name?: string | undefined;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Hourly price of the machine; without it, time is recorded and costs nothing. */
  readonly usdPerHour?: number | undefined;
  /** Output folder or address of the store; default `.tunewise`. */
  readonly store?: string | undefined;
}

/** A recorded loop. */
export interface RecordedLoop {
  readonly id: string;
  /** Why the run should end: a person or a budget requested it; `null`: it may continue. Read every second. */
  readonly stopReason: string | null;
  /**
   * Adds values of metrics. They are written within a second, so a killed process loses at most that.
   *
   * @param step default: one more than the last step
   * @throws {TunewiseError} `USAGE_VALUE_INVALID` for a name or a value; why the store could not be written for so long
   *   that no more points can be kept
   */
  log(metrics: Readonly<Record<string, number>>, at?: { readonly step?: number }): void;
  /**
   * Writes what is left, and ends the run.
   *
   * @throws {TunewiseError} `STORE_BUSY`, `STORE_FULL`, `STORE_WRITE_FAILED`
   */
  end(how?: { readonly status?: "completed" | "failed" | "stopped" }): Promise<void>;
}

/**
 * Starts a run, which is running in the store until `end`. Its time is charged at `usdPerHour`.
 *
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT` if a budget of the project is spent, `USAGE_VALUE_INVALID`, and the
 *   errors of `openDatabase`
 */
export async function recordLoop(request: LoopRequest, runtime: Runtime): Promise<RecordedLoop> {
  const database = await openNamedStore(request.store, runtime);
  try {
    const write = createWriter(database);
    const id = await beginLoop(request, write, runtime);
    return new Loop(id, database, write, runtime);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function beginLoop(request: LoopRequest, write: Write, runtime: Runtime): Promise<string> {
  const { project, name = project, usdPerHour } = request;
  const { environment, random } = runtime;
  const nowMs = runtime.now().getTime();
  const id = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  const person = knownPerson(environment["USER"], environment["LOGNAME"]);
  const outer = outerLaunch(runtime);
  const params = factsOf(request.params ?? {}, "params", maxLength.param);
  const tags = [
    ...factsOf(request.tags ?? {}, "tags", maxLength.tag),
    ...(usdPerHour === undefined ? [] : [{ key: rateTag, value: `${usdPerHour.toFixed(6)}/h` }]),
    ...(outer === null ? [] : [{ key: admissionTags.run, value: outer.id }]),
  ];
  const reported = new Map(tags.map(({ key, value }) => [key, value]));
  await writeAdmission(write, { person, tags: reported, nowMs }, async (transaction) => {
    const { number } = await openProject(transaction, requireText(project, "project"), nowMs);
    const asked = { id, caller: "", person, project: number, tags: reported, nowMs, resultMetrics };
    const run = { name: requireText(name, "name"), client: "api", person, startedMs: nowMs, tags } as const;
    await beginTrackedRun(transaction, asked, run);
    await logBatch(transaction, id, { metrics: [], params, tags: [] }, nowMs);
  });
  return id;
}

class Loop implements RecordedLoop {
  readonly id: string;
  stopReason: string | null = null;
  readonly #database: Database;
  readonly #write: Write;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #pending: (Point & { readonly key: string })[] = [];
  #lastStep = -1;
  #writtenMs: number;
  /** Why the latest write failed; `null`: it did not. */
  #failure: unknown = null;
  #flushing: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(id: string, database: Database, write: Write, { now }: Pick<Runtime, "now">) {
    this.id = id;
    this.#database = database;
    this.#write = write;
    this.#now = () => now().getTime();
    this.#writtenMs = this.#now();
    this.#timer = setInterval(() => this.#flushSoon(), flushMs);
    this.#timer.unref(); // a program that forgets to end its run still exits
  }

  log(
    metrics: Readonly<Record<string, number>>,
    { step = this.#lastStep + 1 }: { step?: number } = {},
  ): void {
    if (this.#hasEnded) throw invalid("log", "called before end", "a call after it");
    if (!Number.isSafeInteger(step)) throw invalid("step", "an integer", String(step));
    const ms = this.#now();
    const points = Object.entries(metrics).map(([key, value]) => {
      requireText(key, "the name of a metric");
      if (typeof value !== "number") throw invalid(key, "a number", typeof value);
      return { key, step, ms, value };
    });
    if (this.#failure !== null && this.#pending.length + points.length > maxPending) throw this.#failure;
    this.#lastStep = step;
    this.#pending.push(...points);
  }

  async end({ status = "completed" }: Parameters<RecordedLoop["end"]>[0] = {}): Promise<void> {
    if (this.#hasEnded) return;
    clearInterval(this.#timer);
    await this.#flushing;
    await this.#writePending();
    await this.#write(async (transaction) => {
      const { number } = await findTrackedRun(transaction, this.id);
      const change = { status, endedMs: this.#now() };
      await endClientRun(transaction, number, change, { price: unknownPrice, now: this.#now });
    });
    this.#hasEnded = true;
    await this.#database.close();
  }

  #flushSoon(): void {
    const isQuiet = this.#pending.length === 0 && this.#now() - this.#writtenMs < aliveMs;
    this.#flushing = this.#flushing
      .then(async () => {
        if (!isQuiet) await this.#writePending();
        this.#failure = null;
      })
      .catch((error: unknown) => {
        this.#failure = error; // the next flush tries again
      });
  }

  /** Writes the points, charges the time, and reads whether to stop. */
  async #writePending(): Promise<void> {
    const metrics = [...this.#pending];
    const nowMs = this.#now();
    this.stopReason = await this.#write(async (transaction) => {
      const run = await logBatch(transaction, this.id, { metrics, params: [], tags: [] }, nowMs);
      await settleRun(transaction, run.number, { price: unknownPrice, now: () => nowMs });
      return enforceBudgets(transaction, run, nowMs);
    });
    this.#pending = this.#pending.slice(metrics.length); // more may have been logged meanwhile
    this.#writtenMs = nowMs;
  }
}

function factsOf(facts: Readonly<Record<string, unknown>>, name: string, max: number): KeyValue[] {
  return Object.entries(facts).map(([key, value]) => {
    requireText(key, `a name in ${name}`);
    return { key, value: String(value).slice(0, max) };
  });
}

function requireText(text: unknown, name: string): string {
  if (typeof text === "string" && text.trim() !== "" && text.length <= maxLength.key) return text;
  const found = typeof text === "string" ? `${text.length} characters` : typeof text;
  throw invalid(name, `text of 1 to ${maxLength.key} characters`, found);
}

function invalid(name: string, expected: string, found: string): Error {
  const fix = "Correct the value before you pass it";
  return problem("USAGE_VALUE_INVALID", { name, expected, found, fix });
}
