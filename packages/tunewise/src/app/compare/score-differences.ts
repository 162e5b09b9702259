/** @file Differences of every score from the baseline, as sentences: `tunewise compare` for all metrics and runs. */

import type { Run } from "@tunewise/core/run";
import type { ScoreEntry } from "@tunewise/tracker";
import { metricKinds, type WayDifference } from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import { differenceSentence } from "../../report/index.ts";
import type { JudgedRows } from "../../scoring/index.ts";
import { comparedRun } from "./compare-runs.ts";
import { areOnSameRows, differenceOf, groupsOf, nameOf, type RunOfVariant } from "./variants.ts";

/** A run with its recorded scores. */
export interface RecordedRun {
  readonly run: Run;
  readonly scores: readonly ScoreEntry[];
  readonly judged: JudgedRows | null;
  /** Why `judged` is `null`. */
  readonly missing: string;
}

/** The difference of one score, as numbers and as a sentence. */
export interface ScoreDifference extends WayDifference {
  readonly metric: MetricName;
  readonly sentence: string;
}

/** A variant (runs that differ only in the seed), and how its scores differ from the baseline's. */
export interface DifferingVariant {
  readonly method: string;
  /** Run ids. */
  readonly runs: readonly string[];
  readonly rows: number;
  /** Means over the runs, starting with the headline metric. */
  readonly scores: readonly { readonly metric: MetricName; readonly value: number }[];
  /** Empty for the baseline. */
  readonly differences: readonly ScoreDifference[];
}

/** Differences from the first run, and the runs that could not be compared with it. */
export interface ScoreDifferences {
  readonly variants: readonly DifferingVariant[];
  readonly leftOut: readonly { readonly run: string; readonly reason: string }[];
  /** How the differences were tested. */
  readonly method: string;
}

/** Limits of a comparison. */
export interface DifferenceLimits {
  /**
   * Maximum rows × variants × metrics. Above it, only the headline metric is compared. If that alone is too much,
   * nothing is.
   */
  readonly maxRows: number;
  /** Maximum number of rows. A score is compared without interruption, so nothing is compared above this limit. */
  readonly rowsAtOnce: number;
  /** Yields to other work before each score. */
  readonly pause: () => Promise<void>;
}

/** Describes how differences are tested. @param comparisons number of comparisons per score */
export function howCompared(comparisons: number): string {
  const many =
    comparisons > 1
      ? " Each stands alone: of 20 differences that are none, about one is shown by chance."
      : "";
  return `Differences are to the first way, row by row; 95 % intervals over rows and, where there are several, seeds.${many}`;
}

/**
 * Compares every score of completed runs with that of the first run, on the same rows. Runs tested on other rows are
 * left out.
 *
 * @param runs the baseline first
 */
export async function scoreDifferences(
  runs: readonly RecordedRun[],
  limits: DifferenceLimits,
): Promise<ScoreDifferences> {
  const [baseline] = runs;
  if (!baseline) return { variants: [], leftOut: [], method: "" };
  const found = runs.map(({ run, scores, judged }) => ({
    line: comparedRun(run, scores, baseline.run),
    configuration: run.configuration,
    judged,
  }));
  const all = groupsOf(found.filter(({ line }) => line.method !== ""));
  const first = all.find((group) => group.some(({ line }) => line.id === baseline.run.id));
  if (!first || baseline.judged === null)
    return { variants: [], leftOut: withoutBaseline(baseline, found), method: "" };
  const others = all.filter((group) => group !== first);
  const comparable = others.filter((group) => areOnSameRows(first, group));
  const rows = first[0]?.judged?.questions.length ?? 0;
  const chosen = metricsWithin(limits, rows, comparable.length, metricsOf(first));
  const variants = [wayOf(first, all, rows, metricsOf(first))];
  for (const group of chosen.length > 0 ? comparable : []) {
    const way = wayOf(group, all, rows, metricsOf(group));
    const differences: ScoreDifference[] = [];
    for (const metric of chosen) {
      await limits.pause();
      const difference = differenceOf(metric, first, group);
      if (difference)
        differences.push({ ...difference, metric, sentence: differenceSentence(metric, difference) });
    }
    variants.push({ ...way, differences });
  }
  const tooMany = `${rows} rows are more than the page compares: see \`tunewise compare\``;
  return {
    variants,
    leftOut: runs.flatMap(({ run, missing }, at) => {
      if (variants.some(({ runs: ids }) => ids.includes(run.id))) return [];
      const one = found[at];
      const reason = one ? reasonOf(one, missing, first, comparable.flat().includes(one) ? tooMany : "") : "";
      return [{ run: run.id, reason }];
    }),
    method: howCompared(variants.length - 1),
  };
}

/**
 * Metrics for which a variant has outcomes, starting with the headline metric. Metrics unknown to this version are
 * ignored.
 */
function metricsOf(group: readonly RunOfVariant[]): MetricName[] {
  const { line, judged } = group[0] ?? {};
  const names = Object.keys(judged?.outcomes ?? {}).filter(isMetric);
  const isHeadline = (name: MetricName): boolean => name === line?.metric;
  return [...names.filter(isHeadline), ...names.filter((name) => !isHeadline(name))];
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(metricKinds, name);
}

function metricsWithin(
  { maxRows, rowsAtOnce }: DifferenceLimits,
  rows: number,
  variants: number,
  metrics: readonly MetricName[],
): readonly MetricName[] {
  if (rows > rowsAtOnce) return [];
  const one = rows * variants;
  if (one * metrics.length <= maxRows) return metrics;
  return one <= maxRows ? metrics.slice(0, 1) : [];
}

function wayOf(
  group: readonly RunOfVariant[],
  all: readonly (readonly RunOfVariant[])[],
  rows: number,
  metrics: readonly MetricName[],
): DifferingVariant {
  return {
    method: nameOf(group, all),
    runs: group.map(({ line }) => line.id),
    rows,
    scores: metrics.map((metric) => ({ metric, value: meanScore(metric, group) })),
    differences: [],
  };
}

function meanScore(metric: MetricName, group: readonly RunOfVariant[]): number {
  const values = group.map(({ judged }) => {
    const outcomes = judged?.outcomes[metric];
    return outcomes ? metricKinds[metric].aggregate(outcomes, null) : Number.NaN;
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Why a run belongs to no compared variant. */
function reasonOf(
  run: RunOfVariant,
  missing: string,
  first: readonly RunOfVariant[],
  tooMany: string,
): string {
  const { incomparableBecause, status, method } = run.line;
  if (incomparableBecause.length > 0)
    return `another ${incomparableBecause.join(", another ")} than the baseline: not comparable`;
  if (status !== "completed") return `it is ${status}: only completed runs are compared`;
  if (method === "") return "its configuration is not known";
  if (run.judged === null) return missing;
  if (tooMany !== "") return tooMany;
  const baseline = first[0]?.judged?.questions.length ?? 0;
  if (!areOnSameRows(first.slice(0, 1), [run]))
    return `tested on other rows than the baseline (${run.judged.questions.length}, there ${baseline}): not comparable`;
  return "another run of its settings has no answers to the same rows";
}

function withoutBaseline(
  { run, judged, missing }: RecordedRun,
  found: readonly RunOfVariant[],
): ScoreDifferences["leftOut"] {
  let [own, others] = ["its configuration is not known", "the configuration of the baseline is not known"];
  if (run.status !== "completed") [own, others] = [`it is ${run.status}`, `the baseline is ${run.status}`];
  else if (judged === null) [own, others] = [missing, "the baseline has no answers by row"];
  return found.map(({ line }) => ({ run: line.id, reason: line.id === run.id ? own : others }));
}
