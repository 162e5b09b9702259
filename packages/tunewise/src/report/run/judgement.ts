/** @file Headline of a report: what training gained, with what certainty, and at what cost. */

import { secondsText, usdText } from "@tunewise/core/quantity";
import { stopText } from "@tunewise/core/run";
import { leakageText, seenShareShown } from "@tunewise/datacheck";
import { type Comparison, coverageText, metricKinds } from "../../evaluate/index.ts";
import { differenceText, intervalText, lossText, rowsText, scoreText } from "../figure-text.ts";
import type { BudgetFacts, RunReport, ScoreLine } from "./report.ts";
import { isUnpriced } from "./sentences.ts";
import { type TrivialBar, trivialBar, trivialText, trivialTitle, uselessSentence } from "./trivial-text.ts";

/** Headline of a run. */
export interface Judgement {
  /** `good`: shown to be better · `bad`: shown to be worse, or failed · `open`: neither could be shown. */
  readonly tone: "good" | "bad" | "open";
  /** A few words. */
  readonly title: string;
  readonly sentence: string;
  /** Whether the scores are invalid, so that they show neither. */
  readonly isInvalid?: true;
}

/** Evaluates a run by its headline metric, and against trivial baselines. */
export function judgeRun(report: RunReport): Judgement {
  const tone = report.run.status === "failed" ? failed : toneOf(report);
  return sentenceOf(tone, [endOf(report), ...partsOf(report, tone), costOf(report.budget)]);
}

/** Evaluates the scores of an evaluation without training. */
export function judgeScores(judged: ReportedScores): Judgement {
  const tone = toneOf(judged);
  return sentenceOf(tone, partsOf(judged, tone));
}

/** Inputs of the headline. */
export type ReportedScores = Pick<RunReport, "scores" | "seen" | "forgetting" | "judged"> & {
  readonly memorization?: RunReport["memorization"];
};

function sentenceOf({ why: _, ...tone }: Tone, parts: readonly string[]): Judgement {
  const sentence = parts.filter((part) => part !== "").join("; ");
  return { ...tone, sentence: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.` };
}

function partsOf(judged: ReportedScores, { why = "" }: Tone): string[] {
  const { scores } = judged;
  // a sentence that compares the tuned model with trivial baselines and its base already states the headline
  const isSaid = why !== "" && trivialBar(scores)?.line === scores[0] && why === barSentence(judged);
  const headline = isSaid ? "" : headlineOf(scores[0], judged.judged);
  return [why, headline, barOf(judged, why), seenOf(judged, why), forgottenOf(judged)];
}

const failed: Tone = { tone: "bad", title: "The run failed" };

/** Tone and title, and the sentence that comes first. */
type Tone = Omit<Judgement, "sentence"> & { readonly why?: string };

function toneOf(report: ReportedScores): Tone {
  const [headline] = report.scores;
  if (!headline) return { tone: "open", title: "Not evaluated" };
  if (headline.tuned.isInvalid)
    return { tone: "bad", isInvalid: true, title: "Invalid: too many rows could not be scored" };
  const verdict = headline.comparison?.verdict ?? null;
  const worse = verdict === "better" ? undefined : report.scores.find(isWorse);
  if (worse !== undefined) {
    const why = worse === headline ? "" : worseOf(worse);
    return { tone: "bad", title: "Training made it worse", why };
  }
  if (verdict !== "better" && hasDiverged(report))
    return { tone: "bad", title: "Training made it worse", why: lossesRose(report) };
  return invalidatedBySeen(report) ?? uselessOf(report) ?? toneOfVerdict(report, verdict);
}

function toneOfVerdict(report: ReportedScores, verdict: Comparison["verdict"] | null): Tone {
  if (verdict === null) return { tone: "open", title: "Evaluated without its base model" };
  if (verdict === "worse") return { tone: "bad", title: "Training made it worse" };
  if (verdict === "unclear") return { tone: "open", title: "No clear difference" };
  return report.forgetting?.judgement.verdict === "fail"
    ? { tone: "open", title: "Training helped, and other skills were lost" }
    : { tone: "good", title: "Training helped" };
}

/** Loss rose both on training rows and on other rows, so no metric is needed. */
function hasDiverged({ memorization }: ReportedScores): boolean {
  return (
    !!memorization &&
    memorization.train.tuned > memorization.train.base &&
    memorization.heldOut.tuned > memorization.heldOut.base
  );
}

function lossesRose({ memorization }: ReportedScores): string {
  if (!memorization) return "";
  const [before, after] = [memorization.heldOut.base, memorization.heldOut.tuned].map(lossText);
  return `the loss rose from ${before} to ${after} nats a token on held-out rows, and on training rows as well`;
}

function isWorse({ comparison }: ScoreLine): boolean {
  return comparison?.verdict === "worse";
}

function worseOf({ metric, tuned, base }: ScoreLine): string {
  const before = base ? ` from ${scoreText(metric, base.value)}` : "";
  return `${metricKinds[metric].title} went${before} to ${scoreText(metric, tuned.value)}`;
}

/** A gain only on rows seen in training does not count. */
function invalidatedBySeen({ scores, seen }: ReportedScores): Tone | null {
  const [headline] = scores;
  if (!seen || !headline || !isSeenShown(seen)) return null;
  if (headline.comparison?.verdict !== "better" && headline.base !== null) return null;
  if (headline.unseen?.verdict === "better") return null;
  // without an evaluated base, the comparison is with trivial baselines, which benefit from the same rows
  if (headline.base === null && trivialBar(scores) !== null) return null;
  const title = `Invalid: ${seen.rows} of ${seen.of} test rows appear in training`;
  return { tone: "bad", isInvalid: true, title };
}

function uselessOf(judged: ReportedScores): Tone | null {
  const bar = trivialBar(judged.scores);
  if (bar === null || bar.verdict === "better") return null;
  const why = barSentence(judged);
  return bar.verdict === "worse"
    ? { tone: "bad", title: "This model is not useful", why }
    : { tone: "open", title: `No better than ${trivialTitle(bar.best)}`, why };
}

/**
 * Compares with the trivial baseline. Leaked test rows favor copying the nearest training row, so the sentence then
 * states how many there are.
 */
function barSentence(judged: ReportedScores): string {
  const bar = trivialBar(judged.scores);
  if (bar === null) return "";
  return uselessSentence(bar, isInflated(bar, judged) && judged.seen ? leakageText(judged.seen) : "");
}

function isInflated({ best }: TrivialBar, { seen }: ReportedScores): boolean {
  return best.kind === "neighbour" && isSeenShown(seen);
}

function isSeenShown(seen: ReportedScores["seen"]): boolean {
  return !!seen && seen.rows >= seenShareShown * seen.of;
}

/** The trivial baseline, for a model that beat it or was evaluated otherwise. */
function barOf(judged: ReportedScores, why: string): string {
  const bar = trivialBar(judged.scores);
  if (bar === null || why === barSentence(judged)) return "";
  const { line, best } = bar;
  return `without a model, ${trivialText(best)} scores ${scoreText(line.metric, best.value)}`;
}

/** Number of test rows seen in training, if significant, and the result on the others. */
function seenOf({ scores: [headline], seen }: ReportedScores, why: string): string {
  if (!seen || !isSeenShown(seen)) return "";
  const about = leakageText(seen);
  const { unseen } = headline ?? {};
  if (!headline || !unseen || unseen.rows === 0) return why.includes(about) ? "" : about;
  const { metric, tuned, base, rows, verdict } = unseen;
  const doubt = verdict === "unclear" ? ", which may be chance" : "";
  const scores = `tuned ${scoreText(metric, tuned)}, base ${scoreText(metric, base)}`;
  return `${why.includes(about) ? "" : `${about}: `}on the other ${rows} ${scores}${doubt}`;
}

/** Why the run ended early. */
function endOf({ run }: RunReport): string {
  return run.stop === null ? "" : stopText(run.stop);
}

function headlineOf(line: ScoreLine | undefined, judged: RunReport["judged"]): string {
  if (!line) return "no test rows were evaluated";
  const left = coverageText(line.tuned);
  if (line.tuned.isInvalid)
    return `the score is invalid: ${metricKinds[line.metric].title} could not score ${line.tuned.unjudged} of ${rowsText(line.tuned.rows + (line.tuned.unjudged ?? 0))}`;
  const { phrase } = metricKinds[line.metric];
  const isCut = judged !== undefined && judged.rows < judged.of;
  const count = isCut ? `${line.tuned.rows} of ${rowsText(judged.of)}` : rowsText(line.tuned.rows);
  const rows = left === "" ? count : `${count} (${left})`;
  const tuned = phrase(scoreText(line.metric, line.tuned.value), rows);
  if (!line.base) return `tuned ${tuned}`;
  const base = `the base model ${scoreText(line.metric, line.base.value)}`;
  const { comparison } = line;
  if (!comparison) return `tuned ${tuned}, ${base}`;
  const interval = comparison.interval && `95 % interval ${intervalText(line.metric, comparison.interval)}`;
  const doubt = comparison.verdict === "unclear" ? "not more than chance may do" : "";
  const about = [interval, doubt].filter(Boolean).join(", ");
  const difference = differenceText(line.metric, comparison.difference);
  return `tuned ${tuned}, ${base}: ${difference}${about ? ` (${about})` : ""}`;
}

/** Forgotten skills, if any. */
function forgottenOf({ forgetting }: ReportedScores): string {
  if (forgetting?.judgement.verdict !== "fail") return "";
  const { sentence } = forgetting.judgement;
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}

/** `cost $0.00 of a $1.00 cap` */
function costOf(budget: BudgetFacts): string {
  const { capUsd, cap } = budget;
  if (isUnpriced(budget)) {
    const of = cap === null ? "" : ` of a ${secondsText(cap)} cap`;
    return `took ${secondsText(budget.spent)}${of}; no price for this machine`;
  }
  const money = `cost ${usdText(budget.spentUsd)}`;
  if (capUsd !== null) return `${money} of a ${usdText(capUsd)} cap`;
  if (cap !== null) return `${money}, took ${secondsText(budget.spent)} of a ${secondsText(cap)} cap`;
  return `${money}, no cap was set`;
}
