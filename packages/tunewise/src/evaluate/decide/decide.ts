/** @file The decision: tune, do not tune, fix something first, or state what would settle the question. */

import { type BreakEven, breakEven } from "./break-even.ts";
import { type ArmComparison, compareArms } from "./compare-arms.ts";
import { type Simulations, simulate } from "./draws.ts";
import { type RowsToCollect, testRowsToDecide, trainingRowsFor } from "./enough-rows.ts";
import { breakEvenRule, detectableRule, whatWouldDecide } from "./explain.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { referencesOf } from "./prefer.ts";
import {
  eligibleArms,
  extrapolateShots,
  type FiredRule,
  leaks,
  minTrainingRows,
  mustRetrieve,
  needsForm,
  percent,
  retrievalFails,
  stillImproves,
  tooFewRows,
  unmeasured,
} from "./rules.ts";
import { type Flip, findFlips } from "./sensitivity.ts";
import { type DecisionRow, decisionTable, meanOf } from "./table.ts";
import { type ByVolume, type Eligible, type Weighed, weigh, weighVolumes } from "./weigh.ts";

/** The recommended action. */
export type DecisionVerdict =
  | "tune"
  | "do-not-tune"
  | "fix-retrieval-first"
  | "collect-more-rows"
  | "undecided";

/** A verdict and the evidence behind it. Plain data. */
export interface Decision {
  readonly verdict: DecisionVerdict;
  /** The arm to use, for `tune` and `do-not-tune`. */
  readonly arm: string | null;
  /** A leak check failed: these scores support no verdict. */
  readonly isInvalid: boolean;
  /** Share of simulations in which the verdict holds against the strongest alternative; `null` for verdicts by rule. */
  readonly chance: number | null;
  /** For `collect-more-rows`, and for `undecided` if more test rows would settle it. */
  readonly rows: RowsToCollect | null;
  /** The reason, in one or two sentences. */
  readonly why: string;
  /** What would settle an open question; empty for the other verdicts. */
  readonly wouldDecide: readonly string[];
  readonly rules: readonly FiredRule[];
  readonly table: readonly DecisionRow[];
  /** The best tuned arm (the best arm, if none is tuned) against each of the others. */
  readonly comparisons: readonly ArmComparison[];
  readonly breakEven: readonly BreakEven[];
  readonly sensitivity: readonly Flip[];
  /** The verdict at each volume, if the volume is not known. */
  readonly byVolume: readonly ByVolume[];
}

type Conclusion = Pick<Decision, "verdict" | "arm" | "chance" | "rows" | "why" | "wouldDecide">;

/**
 * Decides. The same input yields the same decision, bit for bit; docs/decision.md explains the reasoning.
 *
 * @param input arms with outcomes on the same rows; at least one arm
 */
export function decide(input: DecisionInput): Decision {
  assertSameRows(input);
  const extrapolated = extrapolateShots(input);
  const known: DecisionInput = extrapolated ? { ...input, arms: [...input.arms, extrapolated] } : input;
  const simulations = simulate(known);
  const eligible: Eligible = {
    ...eligibleArms(input),
    extrapolated: extrapolated ? [input.arms.length] : [],
  };
  const leak = leaks(input.facts);
  const byVolume = simulations.answers ? [] : weighVolumes(known, simulations, eligible);
  const weighed = simulations.answers
    ? weigh(known, simulations, eligible, simulations.answers)
    : atAnyVolume(byVolume);
  const conclusion = leak ? concludeInvalid(leak) : conclude(known, simulations, eligible, weighed, byVolume);
  const head = headArm(input, eligible, conclusion.arm);
  const others = input.arms.filter((arm) => arm !== head && arm.kind !== "oracle");
  const breakEvens = eligible.tuned.flatMap((at) =>
    eligible.others.map((to) => breakEven(simulations, [at, nameOf(input, at)], [to, nameOf(input, to)])),
  );
  const rules = [
    leak,
    unmeasured(input),
    retrievalFails(input),
    mustRetrieve(input.facts),
    needsForm(input),
    stillImproves(input),
    breakEvenRule(breakEvens, input),
    tooFewRows(input.facts),
    detectableRule(input, head),
  ].filter((rule) => rule !== null);
  return {
    ...conclusion,
    isInvalid: leak !== null,
    rules,
    table: decisionTable(input, simulations),
    comparisons: head ? compareArms(head, others, input) : [],
    breakEven: breakEvens,
    sensitivity: findFlips(input, eligible),
    byVolume,
  };
}

/** The decision when no arm has a score: nothing can be concluded. */
export function invalidDecision(why: string, wouldDecide: readonly string[]): Decision {
  return {
    ...undecided,
    isInvalid: true,
    why,
    wouldDecide,
    rules: [],
    table: [],
    comparisons: [],
    breakEven: [],
    sensitivity: [],
    byVolume: [],
  };
}

/** Combines rules and simulations; the first one that applies determines the verdict. */
function conclude(
  input: DecisionInput,
  simulations: Simulations,
  eligible: Eligible,
  weighed: Weighed,
  byVolume: readonly ByVolume[],
): Conclusion {
  const name = nameOf(input, weighed.arm);
  const share = percent(weighed.chance);
  const stays = referencesOf(input).some((at) => at === weighed.arm);
  const later = stays || weighed.says === "none-reaches" ? concludeMoreRows(input, eligible) : null;
  if (later) return later;
  if (weighed.says === "do-not-tune") {
    const why = `Ahead of every tuned model in ${share} of the simulated outcomes: ${name}.`;
    return { ...undecided, verdict: "do-not-tune", arm: name, chance: weighed.chance, why };
  }
  const retrieval = retrievalFails(input);
  if (retrieval) return { ...undecided, verdict: "fix-retrieval-first", why: retrieval.says };
  if (weighed.says === "tune") {
    const few = tooFewRows(input.facts);
    const rows: RowsToCollect = { kind: "train", atLeast: minTrainingRows, high: null, chance: null };
    if (few) return { ...undecided, verdict: "collect-more-rows", rows, why: few.says };
    const missing = unmeasured(input);
    if (missing) return { ...undecided, why: missing.says, wouldDecide: [missing.says] };
    const why = `Ahead of every other arm in ${share} of the simulated outcomes: ${name}.`;
    return { ...undecided, verdict: "tune", arm: name, chance: weighed.chance, why };
  }
  return concludeOpen(input, simulations, eligible, weighed, byVolume);
}

/** If the tuned model misses the target now, returns the number of rows at which its learning curve reaches it. */
function concludeMoreRows(input: DecisionInput, eligible: Eligible): Conclusion | null {
  const quality = qualityAsked(input);
  if (eligible.tuned.length === 0 || quality === null) return null;
  const rows = trainingRowsFor(input, quality);
  if (rows === null) return null;
  const why = `No arm reaches ${percent(quality)}; the tuned model's learning curve does with about ${rows.atLeast} training rows (in ${percent(rows.chance ?? 0)} of its fits).`;
  return { ...undecided, verdict: "collect-more-rows", rows, why };
}

/** The quality asked for; `null` if none was named, in which case a learning curve has no target. */
function qualityAsked(input: DecisionInput): number | null {
  const { objective } = input;
  if (objective.kind === "target") return objective.quality;
  const [over] = referencesOf(input);
  if (objective.kind !== "gain" || over === undefined) return null;
  return meanOf((input.arms[over] as DecisionArm).outcomes) + objective.by;
}

function concludeOpen(
  input: DecisionInput,
  simulations: Simulations,
  eligible: Eligible,
  weighed: Weighed,
  byVolume: readonly ByVolume[],
): Conclusion {
  const rows = testRowsToDecide(input, simulations, weighed);
  const wouldDecide = whatWouldDecide({ input, eligible, weighed, byVolume, rows });
  if (weighed.says === "none-reaches") {
    const why = `No arm is what was asked for, in ${percent(weighed.chance)} of the simulated outcomes.`;
    return { ...undecided, why, wouldDecide };
  }
  const name = nameOf(input, weighed.arm);
  const why =
    byVolume.length > 1
      ? "The answer depends on the volume, which is not known."
      : undecidedSentence(name, weighed);
  return { ...undecided, chance: weighed.chance, rows, why, wouldDecide };
}

/** States the share that was applied: several candidates need more than one. */
function undecidedSentence(name: string, { chance, needs, candidates }: Weighed): string {
  const among = candidates > 1 ? `with ${candidates} candidates ` : "";
  const needed = `${Number((100 * needs).toFixed(2))} %`;
  return `Undecided: ${name} wins in ${percent(chance)} of the simulated outcomes; ${among}a verdict needs ${needed}.`;
}

const undecided: Conclusion = {
  verdict: "undecided",
  arm: null,
  chance: null,
  rows: null,
  why: "",
  wouldDecide: [],
};

function concludeInvalid({ says }: FiredRule): Conclusion {
  return {
    ...undecided,
    why: says,
    wouldDecide: ["A split without leaks, and all arms measured on it again."],
  };
}

/**
 * Combines the results at all volumes: if they agree, their answer is the verdict, even if the arms differ; otherwise
 * the decision is open.
 */
function atAnyVolume(byVolume: readonly ByVolume[]): Weighed {
  const verdicts = new Set(byVolume.map(({ says }) => says));
  const lowest = byVolume.reduce((one, next) => (next.chance < one.chance ? next : one));
  return verdicts.size === 1 ? lowest : { ...lowest, says: "open" };
}

/** The arm that comparisons start from. */
function headArm(input: DecisionInput, eligible: Eligible, chosen: string | null): DecisionArm | null {
  const places = eligible.tuned.length > 0 ? eligible.tuned : eligible.others;
  const best = places
    .map((at) => input.arms[at] as DecisionArm)
    .sort((a, b) => meanOf(b.outcomes) - meanOf(a.outcomes));
  return best.find(({ name }) => name === chosen) ?? best[0] ?? null;
}

function nameOf({ arms }: DecisionInput, at: number | null): string {
  return at === null ? "none" : (arms[at] as DecisionArm).name;
}

function assertSameRows({ arms, groups, facts }: DecisionInput): void {
  const rows = arms[0]?.outcomes.length ?? 0;
  const measured = [...arms, ...facts.shots, ...facts.learningCurve];
  const odd = measured.find(({ outcomes }) => outcomes.length !== rows);
  if (rows === 0 || odd || (groups && groups.length !== rows)) {
    throw new RangeError(`Internal: arms of a decision must share their rows, got ${rows} and others`);
  }
}
