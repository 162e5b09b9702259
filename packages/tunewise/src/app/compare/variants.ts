/** @file Groups runs that differ only in the seed into variants. */
import { compareWays, type RunOutcomes, type WayDifference } from "../../evaluate/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import type { JudgedRows } from "../../scoring/index.ts";
import type { ComparedRun } from "./compared-run.ts";

/** A variant: runs with the same settings except the seed. */
export interface ComparedVariant {
  /** Method, with the settings that distinguish this variant from others of the same method. */
  readonly method: string;
  /** Run ids, in order. */
  readonly runs: readonly string[];
  /** Mean, minimum and maximum of the headline score; `null` if no run was evaluated. */
  readonly score: { readonly mean: number; readonly least: number; readonly most: number } | null;
  /** Paired difference from the first variant; `null` for the first, or if rows differ or are missing. */
  readonly difference: WayDifference | null;
  readonly perplexityRise: number | null;
  readonly memoryBytesPeak: number | null;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
}

/** A run with the inputs needed for grouping. */
export interface RunOfVariant {
  readonly line: ComparedRun;
  /** The run's effective configuration, as JSON. */
  readonly configuration: string;
  readonly judged: JudgedRows | null;
}

/**
 * Groups runs into variants in the order of their first runs. Runs that are not comparable with the first are
 * excluded.
 */
export function variantsOf(runs: readonly RunOfVariant[]): ComparedVariant[] {
  const all = groupsOf(runs);
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

/** Groups completed runs by their settings without the seed, in the order of their first runs. */
export function groupsOf(runs: readonly RunOfVariant[]): (readonly RunOfVariant[])[] {
  const groups = new Map<string, RunOfVariant[]>();
  for (const run of runs) {
    if (run.line.incomparableBecause.length > 0 || run.line.status !== "completed") continue;
    const key = JSON.stringify(settingsOf(run));
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

/** The paired difference of a metric between two variants; `null` if their rows differ or were not recorded. */
export function differenceOf(
  metric: MetricName,
  first: readonly RunOfVariant[],
  way: readonly RunOfVariant[],
): WayDifference | null {
  if (!areOnSameRows(first, way)) return null;
  const outcomes = (runs: readonly RunOfVariant[]): RunOutcomes[] =>
    runs.flatMap(({ judged }) => {
      const found = judged?.outcomes[metric];
      return found ? [found] : [];
    });
  const [left, right] = [outcomes(first), outcomes(way)];
  const isScored = left.length === first.length && right.length === way.length;
  return isScored ? compareWays(metric, left, right) : null;
}

/** Whether all runs of two variants recorded answers to the same questions in the same order. */
export function areOnSameRows(first: readonly RunOfVariant[], way: readonly RunOfVariant[]): boolean {
  const questions = first[0]?.judged?.questions;
  if (questions === undefined) return false;
  return [...first, ...way].every(
    ({ judged }) =>
      judged?.questions.length === questions.length &&
      judged.questions.every((question, row) => question === questions[row]),
  );
}

/** Settings that define a variant. The seed, names, machine and budget are excluded. */
function settingsOf({ configuration }: RunOfVariant): Settings {
  const all = JSON.parse(configuration) as Readonly<Partial<Record<keyof Recipe, unknown>>>;
  const { model, data, task, method, training, regularization, evaluation } = all;
  const { seed, ...rest } = (training ?? {}) as Settings;
  return { model, data, task, method, training: rest, regularization, evaluation };
}

type Settings = Readonly<Record<string, unknown>>;

/** The method, followed by up to two differing settings if another variant has the same method. */
export function nameOf(group: readonly RunOfVariant[], all: readonly (readonly RunOfVariant[])[]): string {
  const [own] = group;
  if (!own) return "";
  const [other] = all.filter((other) => other !== group && other[0]?.line.method === own.line.method).flat();
  if (!other) return own.line.method;
  const [left, right] = [flat(settingsOf(own)), flat(settingsOf(other))];
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
