/**
 * @file Runs that differ in their seed alone are one way of training, seen several times.
 */
import { compareWays, type RunOutcomes, type WayDifference } from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import type { JudgedRows } from "../../scoring/index.ts";
import type { ComparedRun } from "./compared-run.ts";

/** One way of training over all its runs. */
export interface ComparedWay {
  /** As in the runs, with what sets two ways of one method apart. */
  readonly method: string;
  /** Ids, in the order of the runs. */
  readonly runs: readonly string[];
  /** Of the headline score: mean, smallest and largest; `null`: none of them was judged. */
  readonly score: { readonly mean: number; readonly least: number; readonly most: number } | null;
  /** To the first way, row by row; `null`: for the first way, or where rows differ or were not kept. */
  readonly difference: WayDifference | null;
  readonly perplexityRise: number | null;
  readonly memoryBytesPeak: number | null;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
}

/** A run with what ways are made from. */
export interface RunOfWay {
  readonly line: ComparedRun;
  /** Its effective configuration, as JSON. */
  readonly configuration: string;
  readonly judged: JudgedRows | null;
}

/** Ways in the order of their first runs; runs that are not comparable with the first are left out. */
export function waysOf(runs: readonly RunOfWay[]): ComparedWay[] {
  const groups = new Map<string, RunOfWay[]>();
  for (const run of runs) {
    if (run.line.unlike.length > 0 || run.line.status !== "completed") continue;
    const key = JSON.stringify(settingsOf(run));
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const all = [...groups.values()];
  const [first] = all;
  if (!first) return [];
  return all.map((group) => {
    const { metric } = first[0]?.line ?? {};
    const numbers = (pick: (line: ComparedRun) => number | null | undefined): number[] =>
      group.map(({ line }) => pick(line)).filter((value) => typeof value === "number");
    const scores = numbers(({ tuned }) => tuned?.value);
    return {
      method: nameOf(group, all),
      runs: group.map(({ line }) => line.id),
      score:
        scores.length === 0
          ? null
          : { mean: meanOf(scores) ?? 0, least: Math.min(...scores), most: Math.max(...scores) },
      difference: group === first || !metric ? null : differenceOf(metric, first, group),
      perplexityRise: meanOf(numbers(({ perplexityRise }) => perplexityRise)),
      memoryBytesPeak: numbers(({ memoryBytesPeak }) => memoryBytesPeak).sort((a, b) => b - a)[0] ?? null,
      wallSeconds: meanOf(numbers(({ wallSeconds }) => wallSeconds)) ?? 0,
      spentMicroUsd: Math.round(meanOf(numbers(({ spentMicroUsd }) => spentMicroUsd)) ?? 0),
    };
  });
}

function differenceOf(
  metric: MetricName,
  first: readonly RunOfWay[],
  way: readonly RunOfWay[],
): WayDifference | null {
  const questions = first[0]?.judged?.questions.join("\n");
  const outcomes = (runs: readonly RunOfWay[]): RunOutcomes[] | null => {
    const found = runs.map(({ judged }) =>
      judged?.questions.join("\n") === questions ? judged?.outcomes[metric] : undefined,
    );
    return found.every((one) => one !== undefined) ? found : null;
  };
  const [left, right] = [outcomes(first), outcomes(way)];
  return left && right ? compareWays(metric, left, right) : null;
}

/** What makes a way: everything but names, seeds, where it runs and what it may cost. */
function settingsOf({ configuration }: RunOfWay): Settings {
  const { model, data, task, method, training, keep, evaluation } = JSON.parse(configuration) as Settings;
  const { seed, ...rest } = (training ?? {}) as Settings;
  return { model, data, task, method, training: rest, keep, evaluation };
}

type Settings = Readonly<Record<string, unknown>>;

/** The method, and where another way has the same, the settings that differ from it. */
function nameOf(group: readonly RunOfWay[], all: readonly (readonly RunOfWay[])[]): string {
  const [own] = group;
  if (!own) return "";
  const [rival] = all.filter((other) => other !== group && other[0]?.line.method === own.line.method).flat();
  if (!rival) return own.line.method;
  const [left, right] = [flat(settingsOf(own)), flat(settingsOf(rival))];
  const differing = [...left].filter(([key, value]) => right.get(key) !== value);
  return [own.line.method, ...differing.slice(0, 2).map(([key, value]) => `${key} ${value}`)].join(", ");
}

function flat(settings: Settings, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(settings).flatMap(([key, value]) =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? [...flat(value as Settings, `${prefix}${key}.`)]
        : [[prefix + key, JSON.stringify(value)] as const],
    ),
  );
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
