/** @file The rules of a decision, each with its finding as text. */

import { countOf } from "@tunewise/core/quantity";
import { testPair } from "./compare-arms.ts";
import { type DecisionArm, type DecisionFacts, type DecisionInput, isTuned, retrieves } from "./input.ts";
import { meanOf, qualityInterval } from "./table.ts";
import type { Eligible } from "./weigh.ts";

/** Training on fewer clean rows than this is not worthwhile. @source gates of the project, 5.3, rule 7 */
export const minTrainingRows = 100;
/** Share that the right passages must solve before retrieval is blamed, if no target is named. */
const oracleShare = 0.9;

/** Name of a rule, as listed in docs/decision.md. */
export type RuleName = "R1" | "R2" | "R3" | "R4" | "R5" | "R6" | "R7" | "R8";

/** A rule that applied. */
export interface FiredRule {
  readonly rule: RuleName;
  readonly says: string;
}

/** R8: a leak makes the comparison invalid. */
export function leaks({ failedLeakChecks }: DecisionFacts): FiredRule | null {
  if (failedLeakChecks.length === 0) return null;
  const names = failedLeakChecks.join(", ");
  return {
    rule: "R8",
    says: `Test rows may have been seen in training (${names}): the scores say nothing, so the comparison is invalid.`,
  };
}

/** R1: cheaper ways must have been measured on the same rows. */
export function unmeasured({ arms }: DecisionInput): FiredRule | null {
  const missing = [
    ...(arms.some(({ kind }) => kind === "prompt") ? [] : ["a prompt"]),
    ...(arms.some(({ kind }) => kind === "few-shot" || kind === "rag-few-shot")
      ? []
      : ["a prompt with examples"]),
  ];
  if (missing.length === 0) return null;
  return {
    rule: "R1",
    says: `Not measured on these rows: ${missing.join(" and ")}. Cheaper ways come first.`,
  };
}

/** R2: the right passages are enough, but the retriever does not find them. */
export function retrievalFails(input: DecisionInput): FiredRule | null {
  const oracle = input.arms.find(({ kind }) => kind === "oracle");
  const rags = input.arms.filter((arm) => retrieves(arm) && !isTuned(arm));
  const [best] = rags.sort((a, b) => meanOf(b.outcomes) - meanOf(a.outcomes));
  if (!oracle || !best) return null;
  const { objective } = input;
  const asked = objective.kind === "target" ? objective.quality : oracleShare;
  const solves = meanOf(oracle.outcomes);
  if (solves < asked || meanOf(best.outcomes) >= asked) return null;
  if (testPair(oracle.outcomes, best.outcomes, input).pValue >= 0.05) return null;
  return {
    rule: "R2",
    says: `With the right passages ${percent(solves)} are solved, with retrieved ones ${percent(meanOf(best.outcomes))} (${best.name}): the retriever is what fails, not the weights.`,
  };
}

/** R3: facts that change or must be cited cannot be kept in weights or prompts. */
export function mustRetrieve({ needsCitations, factsChange }: DecisionFacts): FiredRule | null {
  if (!needsCitations && !factsChange) return null;
  const why = [
    ...(factsChange ? ["facts change"] : []),
    ...(needsCitations ? ["answers must be cited"] : []),
  ];
  return { rule: "R3", says: `Because ${why.join(" and ")}, only arms that look things up can be chosen.` };
}

/** R4: form, tone, latency or labels are the problem, and examples in the prompt do not fix it. */
export function needsForm(input: DecisionInput): FiredRule | null {
  const { objective, facts } = input;
  const failing = facts.failing.filter((one) => one !== "facts");
  if (failing.length === 0 || objective.kind !== "target") return null;
  const shots = input.arms.filter(({ kind }) => kind === "few-shot" || kind === "rag-few-shot");
  const ceiling = Math.max(...shots.map((arm) => qualityInterval(arm.outcomes, input)?.high ?? 1));
  if (shots.length === 0 || ceiling >= objective.quality) return null;
  return {
    rule: "R4",
    says: `What fails is ${failing.join(", ")}, and examples in the prompt reach at most ${percent(ceiling)} of the ${percent(objective.quality)} asked for: that is what training mends.`,
  };
}

/** R5: scores still improve with the number of examples. */
export function stillImproves(input: DecisionInput): FiredRule | null {
  const [before, last] = input.facts.shots.slice(-2);
  if (!before || !last) return null;
  const gain = meanOf(last.outcomes) - meanOf(before.outcomes);
  const { pValue } = testPair(last.outcomes, before.outcomes, input);
  if (gain <= 0 || pValue >= 0.1) return null; // one-sided test at the 5 % level
  return {
    rule: "R5",
    says: `From ${before.examples} to ${countOf(last.examples, "example")} the score still rose by ${points(gain)}: prompting is not exhausted.`,
  };
}

/** The prompt with twice the examples, extrapolated from the last step; `null` if the score no longer improves. */
export function extrapolateShots(input: DecisionInput): DecisionArm | null {
  const arm = input.arms.find(({ kind }) => kind === "few-shot");
  const [before, last] = input.facts.shots.slice(-2);
  if (!arm || !before || !last || !stillImproves(input)) return null;
  const { low, expected, high } = arm.usdPerThousandAnswers;
  return {
    ...arm,
    name: `${2 * last.examples} examples, as foreseen`,
    outcomes: last.outcomes.map((score, row) => 2 * score - (before.outcomes[row] ?? 0)),
    // the prompt is at most twice as long
    usdPerThousandAnswers: {
      low,
      expected: (1.5 * expected) as typeof expected,
      high: (2 * high) as typeof high,
    },
  };
}

/** R7, first half: too few clean rows to train on. */
export function tooFewRows({ cleanTrainingRows }: DecisionFacts): FiredRule | null {
  if (cleanTrainingRows >= minTrainingRows) return null;
  return {
    rule: "R7",
    says: `${cleanTrainingRows} clean training rows are fewer than the ${minTrainingRows} that a recommendation to train asks for.`,
  };
}

/** Arms that may be chosen: no oracles, none that is too slow, and none that R3 rules out. */
export function eligibleArms(input: DecisionInput): Eligible {
  const onlyRetrieving = mustRetrieve(input.facts) !== null;
  const limit = input.facts.latencyLimit;
  const mayBe = (arm: DecisionArm): boolean => {
    if (arm.kind === "oracle" || (onlyRetrieving && !retrieves(arm))) return false;
    return limit === null || arm.latency === null || arm.latency.p95 <= limit;
  };
  const places = [...input.arms.entries()].filter(([, arm]) => mayBe(arm));
  const tuned = places.filter(([, arm]) => isTuned(arm)).map(([at]) => at);
  const others = places.filter(([, arm]) => !isTuned(arm)).map(([at]) => at);
  return { tuned, others, extrapolated: [] };
}

/** `81.5 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `3.2 points` */
export function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
