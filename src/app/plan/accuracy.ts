/**
 * @file How right plans were: planned beside actual for the runs of this machine that ended by themselves.
 */
import { join, resolve } from "node:path";
import { readPlan } from "../../plan/index.ts";
import { type Bytes, bytes, type Range, type Seconds, seconds } from "../../quantity/index.ts";
import type { Run } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { defaultOutput, withStore } from "../runs/index.ts";

/** Planned and actual of one quantity. */
export interface Hit<Quantity extends number> {
  readonly planned: Range<Quantity>;
  readonly actual: Quantity;
  /** Planned over actual, less one. */
  readonly error: number;
  /** The actual value lies inside the range. */
  readonly isInside: boolean;
}

/** One run against its plan. */
export interface PlanAccuracy {
  readonly runId: string;
  readonly wall: Hit<Seconds>;
  /** `null`: an older run that did not note its peak. */
  readonly memory: Hit<Bytes> | null;
  /** Training time came from a few real steps. */
  readonly isProbed: boolean;
}

/** All of them, and how they do together. */
export interface AccuracyReport {
  readonly runs: readonly PlanAccuracy[];
  readonly wall: Together | null;
  readonly memory: Together | null;
}

/** Errors of several runs. */
export interface Together {
  readonly count: number;
  /** Of the errors' sizes. */
  readonly median: number;
  readonly worst: number;
  /** Share of runs inside their range. */
  readonly inside: number;
}

/** Most runs that are looked at, newest first. */
const mostRuns = 200;

/** Compares the completed runs of an output folder with their plans, newest first. */
export async function judgePlans(host: Host, output: string = defaultOutput): Promise<AccuracyReport> {
  const runs = await withStore(host, output, (store) =>
    store.listRuns({ limit: mostRuns, status: "completed" }),
  );
  const judged = await Promise.all(runs.map((run) => judgeRun(run, resolve(host.cwd, output))));
  const found = judged.filter((one) => one !== null);
  return {
    runs: found,
    wall: together(found.map(({ wall }) => wall)),
    memory: together(found.flatMap(({ memory }) => memory ?? [])),
  };
}

async function judgeRun(run: Run, output: string): Promise<PlanAccuracy | null> {
  const text = await readTextFile(join(output, run.folder, "plan.json")).catch(() => null);
  const plan = text === null ? null : readPlan(text).plan;
  const summary = parse(run.summary);
  // A run in several sittings starts more than once, which no plan knows of.
  if (plan === null || run.wallSeconds <= 0 || (summary["sessions"] ?? 1) !== 1) return null;
  const peak = summary["memory_bytes_peak"];
  return {
    runId: run.id,
    wall: hit(plan.time.seconds, seconds(run.wallSeconds)),
    memory: typeof peak === "number" && peak > 0 ? hit(plan.memory.peakBytes, bytes(peak)) : null,
    isProbed: plan.time.isProbed,
  };
}

function hit<Quantity extends number>(planned: Range<Quantity>, actual: Quantity): Hit<Quantity> {
  return {
    planned,
    actual,
    error: planned.expected / actual - 1,
    isInside: actual >= planned.low && actual <= planned.high,
  };
}

function together(hits: readonly Hit<number>[]): Together | null {
  const sizes = hits.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  const worst = sizes.at(-1);
  if (worst === undefined) return null;
  return {
    count: hits.length,
    median: sizes[Math.floor(sizes.length / 2)] ?? worst,
    worst,
    inside: hits.filter(({ isInside }) => isInside).length / hits.length,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
