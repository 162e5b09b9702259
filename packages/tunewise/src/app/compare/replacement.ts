/** @file `tunewise compare RUN --not-worse FILE`: may a tuned model replace the one whose answers were frozen? */
import { join, resolve } from "node:path";
import type { Usd } from "@tunewise/core/quantity";
import { answerText, parseAnswerText } from "@tunewise/core/rows";
import { trainingOf } from "@tunewise/core/run";
import { seenRows } from "@tunewise/datacheck";
import {
  judgeNotWorse,
  judgeYesNo,
  labelReader,
  metricKinds,
  type NotWorse,
  noFacts,
  type Score,
} from "../../evaluate/index.ts";
import { readRows, readScoring } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import { type JudgedMetric, lossOf, type Replacement } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type AnsweredRow,
  type FrozenReference,
  frozenFile,
  knownLabelsOf,
  questionKey,
  readAnsweredRows,
  readFrozenReference,
  type Scorer,
  scoreAnswers,
} from "../../scoring/index.ts";
import { findRun, recipeOfRun } from "../runs/index.ts";

/** What is to be compared. */
export interface ReplacementRequest {
  /** A run: its id, the start of one, or `latest`. */
  readonly run: string;
  /** File of the frozen reference; default: `frozen.jsonl` in the recipe's folder. */
  readonly reference?: string;
  /** Largest accepted loss as a share; default: the recipe's `decision.margin`. */
  readonly margin?: number;
  readonly output?: string;
}

/**
 * Compares a run's answers to its test rows with the frozen answers to the same rows.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `FROZEN_NOT_FOUND`, `FROZEN_INVALID`, `NOT_WORSE_WITHOUT_METRIC`,
 *   `NOT_WORSE_WITHOUT_ROWS`
 */
export async function compareReplacement(
  { run: word, reference, margin: wanted, output }: ReplacementRequest,
  runtime: Runtime,
): Promise<Replacement> {
  const found = await findRun(word, runtime, output);
  const loaded = await recipeOfRun(found);
  const { recipe, folder } = loaded;
  const path = reference === undefined ? join(folder, frozenFile) : resolve(runtime.cwd, reference);
  const frozen = await readFrozenReference(path);
  const metrics = recipe.task.metrics.filter((metric) => metricKinds[metric].unit === "share");
  const rows = await readAnsweredRows(found.folder);
  if (metrics.length === 0 || rows.length === 0)
    throw problem("NOT_WORSE_WITHOUT_METRIC", { run: found.run.id, metrics: recipe.task.metrics.join(", ") });
  const { examples, observations } = await readRows(loaded, runtime);
  const seen = seenRows(examples.test, observations);
  const seenKeys = new Set(
    [...seen].flatMap((at) => {
      const example = examples.test[at];
      return example ? [questionKey({ ...example, messages: example.messages.slice(0, -1) })] : [];
    }),
  );
  const paired = pairsOf(rows, frozen, seenKeys);
  if (paired.rows.length < 2)
    throw problem("NOT_WORSE_WITHOUT_ROWS", {
      run: found.run.id,
      path,
      rows: rows.length,
      pairs: paired.rows.length,
    });
  const { material } = await readScoring(recipe, folder);
  const knownLabels = knownLabelsOf(examples.train);
  const scorer = { recipe, folder, material, knownLabels, node: runtime.node };
  const margin = wanted ?? recipe.decision.margin;
  const { header } = frozen;
  return {
    run: found.run.id,
    reference: { path, model: header.model, createdAt: header.createdAt, sha256: header.sha256 },
    margin,
    rows: { test: rows.length, compared: paired.rows.length, seen: paired.seen, missing: paired.missing },
    scores: await judgeMetrics(scorer, metrics, paired, margin),
    form: await judgeForm(scorer, paired, margin),
    agreement: agreementOf(paired),
    lost: lossOf(trainingOf(found.run) ?? { forgetting: null, safety: null }),
    usdPerThousand: Math.round((1000 * paired.cost) / paired.rows.length) as Usd,
  };
}

/** Rows with both answers. */
interface Paired {
  readonly rows: readonly AnsweredRow[];
  /** Answers of the old model to `rows`. */
  readonly old: readonly string[];
  /** Rows left out because training has seen them, or because the reference has no answer. */
  readonly seen: number;
  readonly missing: number;
  /** Micro-dollars that the old answers cost. */
  readonly cost: number;
}

function pairsOf(
  rows: readonly AnsweredRow[],
  { answers }: FrozenReference,
  seen: ReadonlySet<string>,
): Paired {
  const unseen = rows.filter(({ key }) => !seen.has(key));
  const pairs = unseen.flatMap((row) => {
    const answer = answers.get(row.key);
    return answer ? [[row, answer] as const] : [];
  });
  return {
    rows: pairs.map(([row]) => row),
    old: pairs.map(([, { answer }]) => answerText(answer)),
    cost: pairs.reduce((sum, [, { cost }]) => sum + cost, 0),
    seen: rows.length - unseen.length,
    missing: unseen.length - pairs.length,
  };
}

/** Scores both models anew with the same labels and settings, the headline metric first. */
async function judgeMetrics(
  scorer: Scorer,
  metrics: readonly MetricName[],
  { rows, old }: Paired,
  margin: number,
): Promise<JudgedMetric[]> {
  const score = (answers: readonly string[]): Promise<Score[]> =>
    scoreAnswers(scorer, metrics, {
      answers,
      losses: [],
      references: rows.map(({ reference }) => reference),
      about: { ...noFacts, questions: rows.map(({ prompt }) => prompt) },
    });
  const before = await score(old);
  const after = await score(rows.map(({ answer }) => answer));
  return before.map((one, at) => ({
    metric: one.metric,
    ...judgeNotWorse(one, after[at] as Score, margin),
  }));
}

/** Whether answers have the form that the task needs; `null` if any text has, or a metric says it. */
async function judgeForm(scorer: Scorer, paired: Paired, margin: number): Promise<NotWorse | null> {
  const { task } = scorer.recipe;
  if (task.kind === "json" && task.metrics.includes("json_valid")) return null; // it is among the scores
  if (task.kind === "json") return (await judgeMetrics(scorer, ["json_valid"], paired, margin))[0] ?? null;
  const labels = labelReader(task.labels.length > 0 ? task.labels : scorer.knownLabels);
  const forms = {
    classify: (answer: string) => labels(answer) >= 0,
    tools: (answer: string) => parseAnswerText(answer).malformed === null,
    text: null,
    "language-modeling": null,
  };
  const hasForm = forms[task.kind];
  if (hasForm === null) return null;
  const after = paired.rows.map(({ answer }) => hasForm(answer));
  return judgeYesNo(paired.old.map(hasForm), after, margin);
}

/** Share of rows with the same answer, whether right or wrong. */
function agreementOf({ rows, old }: Paired): number {
  const same = rows.filter(({ answer }, at) => answer.trim() === old[at]?.trim());
  return same.length / rows.length;
}
