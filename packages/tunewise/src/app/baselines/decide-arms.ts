/** @file Prepares the inputs of the decision from the arms' test results: scores per row, and costs per arm. */

import { mean, meanVariance } from "@tunewise/core/math";
import { type Range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import type { Run } from "@tunewise/core/run";
import { seenShareShown } from "@tunewise/datacheck";
import { answerOf, questionOf } from "@tunewise/datacheck/dataset";
import type { Arm } from "../../baselines/index.ts";
import {
  type ArmKind,
  type ClaimCheck,
  checkClaims,
  type Decision,
  type DecisionArm,
  decide,
  hasTrivialAnswers,
  invalidDecision,
  noFacts,
  type Objective,
  type Score,
  trivialAnswers,
} from "../../evaluate/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { DecisionSection, Recipe } from "../../recipe/index.ts";
import { trivialText } from "../../report/index.ts";
import { nearestAnswers, type Scorer, scoreAnswers } from "../../scoring/index.ts";
import type { ArmAnswer } from "./answer-log.ts";
import { leakCode } from "./held-out-test-set.ts";
import { invalidReason, scoredArms, sharedRows } from "./invalid-arm.ts";
import type { TriedArm, TriedArms } from "./try-arms.ts";

/** Inputs of the decision, in addition to the answers. */
export interface DecisionFacts {
  readonly recipe: Recipe;
  /** The runs that trained the tuned arms, by the arm's id. */
  readonly runs: ReadonlyMap<string, Run>;
  readonly trainingRows: number;
  readonly documents: number;
  /** Dollars per embedded question. */
  readonly usdPerVector: number;
  /** Findings of the data checks. */
  readonly findings: readonly Finding[];
  /** Group of each test row, if the data has a group column. */
  readonly groups: readonly (string | number)[] | null;
  /** Trivial baselines on the same rows. */
  readonly trivial?: readonly TrivialArm[];
  /** Indices of test rows that also appear in training, without exact copies, which are excluded. */
  readonly seen?: ReadonlySet<number>;
}

/** Codes of findings that make scores meaningless. */
const leaks = /^(DATA_LEAK|ARM_CORPUS_LEAK)/;

/** Day-to-day variation of a local machine's speed, as a fraction. */
const speedVariation = 0.2;

/**
 * Decides between the arms that have a score, on the rows that every arm answered and that could be scored. A row that
 * one arm lost to an endpoint failure says nothing about the others.
 */
export function decideArms(tried: TriedArms, facts: DecisionFacts): Decision {
  const arms = scoredArms(tried.arms);
  const rows = sharedRows(arms);
  if (!arms.some(isArm) || rows.length === 0) return nothingToDecide(tried);
  const leaked = failedLeakChecks(facts.findings);
  const decision = decideOn(rows, arms, facts, leaked);
  const unseen = rows.filter((row) => !facts.seen?.has(row));
  const seen = rows.length - unseen.length;
  if (seen === 0 || seen < seenShareShown * rows.length) return decision;
  // Relative to the compared rows. They exclude exact copies, which the number of all test rows includes.
  const sentence = `${seen} of the ${rows.length} compared rows also appear in training`;
  if (
    isPreference(decision) &&
    !(unseen.length > 0 && isSame(decision, decideOn(unseen, arms, facts, leaked)))
  )
    return decideOn(rows, arms, facts, [...leaked, `${sentence}, and the others do not say the same`]);
  return { ...decision, why: `${decision.why} But ${sentence}.` };
}

/** Whether a decision prefers one arm, so that rows seen in training may be the reason. */
function isPreference({ verdict, isInvalid }: Decision): boolean {
  return !isInvalid && (verdict === "tune" || verdict === "do-not-tune");
}

function isSame(one: Decision, other: Decision): boolean {
  return one.verdict === other.verdict && one.arm === other.arm;
}

function decideOn(
  rows: readonly number[],
  arms: readonly TriedArm[],
  facts: DecisionFacts,
  leaked: readonly string[],
): Decision {
  const { recipe } = facts;
  const { decision } = recipe;
  const grades = onRows(gradesBy(arms, recipe), rows);
  const models = arms.filter(isArm).map((one) => decisionArm(one, facts, grades));
  // the judge has not scored trivial answers
  const trivial = judgeDecides(arms, decision) ? [] : (facts.trivial ?? []);
  return decide({
    arms: [...models, ...trivial.map((one) => trivialDecisionArm(one, rows))],
    groups: groupsOn(facts, rows),
    answersPerMonth: decision.answersPerMonth === null ? null : rangeOfVolume(decision.answersPerMonth),
    months: decision.months,
    objective: objectiveOf(decision),
    facts: {
      cleanTrainingRows: facts.trainingRows,
      failedLeakChecks: leaked,
      needsCitations: decision.mustCite,
      factsChange: decision.factsChange,
      failing: decision.failing,
      latencyLimit: decision.latencySeconds === null ? null : seconds(decision.latencySeconds),
      learningCurve: learningCurveOf(arms, facts.trainingRows, grades),
      shots: scoresByShots(arms, grades),
    },
    seed: recipe.training.seed,
  });
}

/** A trivial baseline costs nothing and has no latency. */
function trivialDecisionArm({ name, score }: TrivialArm, rows: readonly number[]): DecisionArm {
  const all = gradesOf({ scores: [score] });
  return {
    name,
    kind: "trivial",
    outcomes: rows.map((row) => all[row] ?? 0),
    usdToGetThere: spread(0, 0),
    usdPerThousandAnswers: spread(0, 0),
    usdPerMonth: spread(0, 0),
    latency: { p50: seconds(0), p95: seconds(0) },
    upkeep: [],
  };
}

/** The decision if every arm is invalid. */
function nothingToDecide({ arms }: TriedArms): Decision {
  const reasons = arms.map(
    (one) => `${one.line}: ${invalidReason(one) ?? "no row that others answered too"}`,
  );
  const same = new Set(arms.map((one) => invalidReason(one)));
  const [only] = same;
  const why = same.size === 1 && only ? `all arms ${only}` : reasons.join("; ");
  return invalidDecision(`No arm has a score: ${why}.`, [
    "Endpoints that answer and references that can be scored; then repeat the comparison.",
  ]);
}

function onRows(grades: Grades, rows: readonly number[]): Grades {
  return (tried) => {
    const all = grades(tried);
    return rows.map((row) => all[row] ?? 0);
  };
}

function groupsOn({ groups }: DecisionFacts, rows: readonly number[]): DecisionFacts["groups"] {
  return groups && rows.map((row) => groups[row] as string | number);
}

/** Checks two common claims about fine-tuning against these runs. */
export function claimsOf(
  tried: TriedArms,
  facts: DecisionFacts,
  methods: Parameters<typeof checkClaims>[0],
): ClaimCheck[] {
  const scored = scoredArms(tried.arms);
  const rows = sharedRows(scored);
  // Other local models are excluded: they may be smaller, and the claim is about a larger model.
  const arms = scored
    .filter((one) => isArm(one) && one.arm.model !== "local")
    .map((one) => decisionArm(one, facts, onRows(gradesOf, rows)));
  return checkClaims(methods, { arms, groups: groupsOn(facts, rows), seed: facts.recipe.training.seed });
}

/** Whether an arm may be chosen. Points of the learning curve may not: they only show the effect of more rows. */
export function isArm({ arm }: Pick<TriedArm, "arm">): boolean {
  return arm.trainedRows === null;
}

/** The tuned model's results by number of training rows, ending with all rows. Empty if no smaller number was tried. */
export function learningCurveOf<Tried extends Pick<TriedArm, "arm" | "scores" | "judged">>(
  arms: readonly Tried[],
  trainingRows: number,
  grades: Grades = gradesOf,
): { readonly rows: number; readonly outcomes: readonly number[]; readonly tried: Tried }[] {
  const plain = arms.filter(({ arm }) => arm.model === "tuned" && arm.examples === 0 && arm.passages === 0);
  const points = plain.filter(({ arm }) => arm.trainedRows !== null);
  const whole = plain.filter(({ arm }) => arm.trainedRows === null && arm.run === null).slice(0, 1);
  if (points.length === 0) return [];
  return [...points, ...whole]
    .map((tried) => ({
      rows: tried.arm.trainedRows ?? trainingRows,
      outcomes: grades(tried),
      tried,
    }))
    .sort((a, b) => a.rows - b.rows);
}

/** Kind of an arm, for rules and tables. */
export function kindOf({ model: who, examples, passages, oracle }: Arm): ArmKind {
  if (oracle) return "oracle";
  if (who === "api" || who === "local") return "api"; // another model, used unchanged
  if (who === "neighbours") return "neighbours";
  if (who === "tuned") return passages > 0 ? "tuned-rag" : "tuned";
  if (passages > 0) return examples > 0 ? "rag-few-shot" : "rag";
  return examples > 0 ? "few-shot" : "prompt";
}

function decisionArm(tried: TriedArm, facts: DecisionFacts, grades: Grades): DecisionArm {
  const { arm, answers, alone } = tried;
  const run = facts.runs.get(arm.id);
  const rounds = facts.recipe.decision.tuningRounds;
  const trained = ((run?.spentMicroUsd ?? 0) * rounds) / 1e6;
  return {
    name: tried.line,
    kind: kindOf(arm),
    outcomes: grades(tried),
    usdToGetThere: spread(trained, speedVariation),
    usdPerThousandAnswers: pricePerThousand(arm, answers, arm.passages > 0 ? facts.usdPerVector : 0),
    usdPerMonth: spread(0, 0),
    latency: latencyOf((alone.length > 0 ? alone : answers).filter(({ failed }) => failed === null)),
    upkeep: upkeepOf(arm, facts, run),
  };
}

/** Returns the scores of an arm's rows, from 0 to 1. */
type Grades = (tried: Pick<TriedArm, "scores" | "judged">) => number[];

/** Scores by the judge, if the recipe requests it and the judge is reliable, otherwise by the headline metric. */
function gradesBy(arms: readonly TriedArm[], { decision }: Recipe): Grades {
  return judgeDecides(arms, decision) ? judgedGrades : gradesOf;
}

/** Whether the decision uses the judge. A judge with position bias is never used. */
export function judgeDecides(
  arms: readonly Pick<TriedArm, "judged">[],
  { judge }: Pick<DecisionSection, "judge">,
): boolean {
  return judge?.decides === true && arms.every(({ judged }) => judged !== null && !judged.saysNothing);
}

/** 1 if the answer is better than the reference, 0 if worse, 0.5 for a tie or if the two orders disagree. */
function judgedGrades({ judged }: Pick<TriedArm, "judged">): number[] {
  return (judged?.outcomes ?? []).map((one) => (one === "a" ? 1 : one === "b" ? 0 : 0.5));
}

/** Scores by the headline metric. The caller excludes rows that could not be scored. */
function gradesOf({ scores: [{ outcomes }] }: Pick<TriedArm, "scores">): number[] {
  return outcomes.map(({ value, weight }) => (weight > 0 ? value / weight : 0));
}

/**
 * Dollars per thousand answers: by tokens for APIs, by time for local models. Cached answers count at full price. The
 * cost to embed the questions is included.
 */
function pricePerThousand(arm: Arm, answers: readonly ArmAnswer[], usdPerVector: number): Range<Usd> {
  const each = answers.filter(({ failed }) => failed === null).map(({ microUsd }) => microUsd / 1e6);
  const middle = mean(each);
  const vectors = 1000 * usdPerVector;
  if (arm.model !== "api") {
    const { low, expected, high } = spread(1000 * middle, speedVariation);
    return { low: plus(low, vectors), expected: plus(expected, vectors), high: plus(high, vectors) };
  }
  const error = Math.sqrt(meanVariance(each));
  const [low, high] = [Math.max(0, middle - 2 * error), middle + 2 * error];
  return {
    low: usd(1000 * low + vectors),
    expected: usd(1000 * middle + vectors),
    high: usd(1000 * high + vectors),
  };
}

function plus(amount: Usd, more: number): Usd {
  return (amount + usd(more)) as Usd;
}

function latencyOf(answers: readonly ArmAnswer[]): DecisionArm["latency"] {
  const times = answers.map((one) => one.seconds).sort((a, b) => a - b);
  if (times.length === 0) return null;
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  return { p50: seconds(at(0.5)), p95: seconds(at(0.95)) };
}

/** Describes the maintenance of an arm. */
function upkeepOf(
  { model: who, examples, passages }: Arm,
  facts: DecisionFacts,
  run: Run | undefined,
): string[] {
  return [
    ...(who === "api" ? ["the vendor may change model and price"] : []),
    ...(who === "tuned" && run
      ? [`train again when the task changes, ${Math.ceil(run.wallSeconds / 60)} min`]
      : []),
    ...(passages > 0
      ? [`index ${facts.documents} document${facts.documents === 1 ? "" : "s"} again when they change`]
      : []),
    ...(examples > 0 ? [`keep ${facts.trainingRows} solved rows at hand`] : []),
  ];
}

function objectiveOf({ target, usdPerRightAnswer, margin }: DecisionSection): Objective {
  if (target !== null) return { kind: "target", quality: target };
  if (usdPerRightAnswer !== null) return { kind: "value", usdPerCorrect: usd(usdPerRightAnswer) };
  return { kind: "margin", margin };
}

/** States the objective of the decision, so that readers do not mistake assumptions for findings. */
export function objectiveSentence({
  target,
  usdPerRightAnswer,
  margin,
  answersPerMonth,
  months,
}: DecisionSection): string {
  const volume =
    answersPerMonth === null
      ? "at any volume (`decision.answers_per_month` is not given)"
      : `at ${[answersPerMonth].flat().join(" to ")} answers a month for ${months} months`;
  if (target !== null) return `Wanted: the cheapest arm that reaches ${100 * target} %, ${volume}.`;
  if (usdPerRightAnswer !== null)
    return `Assumed: one more right answer is worth $${usdPerRightAnswer} (\`decision.usd_per_right_answer\`), ${volume}.`;
  return `Wanted: the cheapest arm that is not worse by more than ${100 * margin} points, ${volume}.`;
}

/** Leak checks that failed. A leak invalidates every comparison, unless the leaked rows were excluded. */
function failedLeakChecks(findings: readonly Finding[]): string[] {
  const names = findings
    .filter(({ code, severity }) => severity === "error" && leaks.test(code) && code !== leakCode)
    .map(({ code }) => code);
  return [...new Set(names)];
}

/**
 * Scores by number of few-shot examples, if several numbers were tried on the test rows. Shows whether more examples
 * still help. Zero-shot is excluded, since the first example helps more than any later one.
 */
function scoresByShots(
  arms: readonly TriedArm[],
  grades: Grades,
): { readonly examples: number; readonly outcomes: readonly number[] }[] {
  const fewShot = arms.filter(({ arm }) => arm.model === "base" && arm.examples > 0 && arm.passages === 0);
  return fewShot
    .map((tried) => ({ examples: tried.arm.examples, outcomes: grades(tried) }))
    .sort((a, b) => a.examples - b.examples);
}

function rangeOfVolume(given: number | readonly number[]): Range<number> {
  const [low = 0, high = low] = typeof given === "number" ? [given] : given;
  return { low: Math.min(low, high), expected: (low + high) / 2, high: Math.max(low, high) };
}

function spread(amount: number, swing: number): Range<Usd> {
  return { low: usd(amount * (1 - swing)), expected: usd(amount), high: usd(amount * (1 + swing)) };
}

/** A trivial baseline on the test rows, by the headline metric. */
export interface TrivialArm {
  /** For example `always answering "billing"`. */
  readonly name: string;
  readonly score: Score;
}

/**
 * Scores trivial baselines: the most common training answer; the nearest row's answer, if no arm is a nearest-neighbor
 * vote; and the question itself, if answers are not labels. Returns none if the headline metric does not compare with
 * references.
 */
export async function trivialArms(
  scorer: Scorer,
  { arms, references, questions }: Pick<TriedArms, "arms" | "references" | "questions">,
  train: readonly Example[],
): Promise<TrivialArm[]> {
  const metric = arms[0]?.scores[0].metric;
  if (metric === undefined || !hasTrivialAnswers(metric)) return [];
  const isVoting = arms.some(({ arm }) => arm.model === "neighbours");
  const prompts = questions.map(questionOf);
  const all = trivialAnswers({
    trainAnswers: train.map(answerOf),
    prompts,
    neighbours: isVoting ? [] : nearestAnswers(train, questions),
    areLabels: scorer.recipe.task.kind === "classify",
  });
  const found: TrivialArm[] = [];
  for (const { answers, ...trivial } of all) {
    const about = { ...noFacts, questions: prompts };
    const [score] = await scoreAnswers(scorer, [metric], { answers, losses: [], references, about });
    if (score) found.push({ name: trivialText(trivial), score });
  }
  return found;
}
