/**
 * @file The decision: tune, do not, mend something first, or say what would settle it.
 */

import { type BreakEven, breakEven } from "./break-even.ts";
import { type ArmComparison, compareArms } from "./compare-arms.ts";
import { drawWorlds, type Worlds } from "./draws.ts";
import { type RowsToCollect, testRowsToDecide, trainingRowsFor } from "./enough-rows.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { referencesOf } from "./prefer.ts";
import {
  eligibleArms,
  type FiredRule,
  fewestTrainingRows,
  fewRows,
  foreseenShots,
  leaks,
  mustRetrieve,
  needsForm,
  percent,
  retrievalFails,
  stillClimbs,
  unmeasured,
} from "./rules.ts";
import { type Flip, findFlips } from "./sensitivity.ts";
import { type DecisionRow, decisionTable, meanOf } from "./table.ts";
import { type ByVolume, type Eligible, sure, type Weighed, weigh, weighVolumes } from "./weigh.ts";
import { breakEvenRule, detectableRule, whatWouldDecide } from "./words.ts";

/** What to do. */
export type DecisionVerdict =
  | "tune"
  | "do-not-tune"
  | "fix-retrieval-first"
  | "collect-more-rows"
  | "undecided";

/** A verdict with all it rests on. Plain data. */
export interface Decision {
  readonly verdict: DecisionVerdict;
  /** The arm to use, for `tune` and `do-not-tune`. */
  readonly arm: string | null;
  /** A leak check failed: no verdict can be drawn from these scores. */
  readonly isVoid: boolean;
  /** Share of simulated outcomes in which it holds against the hardest rival; `null` for verdicts by rule. */
  readonly chance: number | null;
  /** For `collect-more-rows`, and for `undecided` where test rows would settle it. */
  readonly rows: RowsToCollect | null;
  /** One or two sentences. */
  readonly why: string;
  /** What would settle an open question; empty for others. */
  readonly wouldDecide: readonly string[];
  readonly rules: readonly FiredRule[];
  readonly table: readonly DecisionRow[];
  /** The best tuned arm (the best arm, where none is tuned) against each of the others. */
  readonly comparisons: readonly ArmComparison[];
  readonly breakEven: readonly BreakEven[];
  readonly sensitivity: readonly Flip[];
  /** Where the volume is not known: what is said at each. */
  readonly byVolume: readonly ByVolume[];
}

type Spoken = Pick<Decision, "verdict" | "arm" | "chance" | "rows" | "why" | "wouldDecide">;

/**
 * Decides. The same input gives the same decision to the bit; docs/decision.md says by what reasoning.
 *
 * @param input arms with outcomes on the same rows; at least one arm
 */
export function decide(input: DecisionInput): Decision {
  demandSameRows(input);
  const foreseen = foreseenShots(input);
  const known: DecisionInput = foreseen ? { ...input, arms: [...input.arms, foreseen] } : input;
  const worlds = drawWorlds(known);
  const eligible: Eligible = { ...eligibleArms(input), foreseen: foreseen ? [input.arms.length] : [] };
  const void8 = leaks(input.facts);
  const byVolume = worlds.answers ? [] : weighVolumes(known, worlds, eligible);
  const weighed = worlds.answers ? weigh(known, worlds, eligible, worlds.answers) : atAnyVolume(byVolume);
  const spoken = void8 ? voided(void8) : speak(known, worlds, eligible, weighed, byVolume);
  const head = headArm(input, eligible, spoken.arm);
  const others = input.arms.filter((arm) => arm !== head && arm.kind !== "oracle");
  const evens = eligible.tuned.flatMap((at) =>
    eligible.others.map((to) => breakEven(worlds, [at, nameOf(input, at)], [to, nameOf(input, to)])),
  );
  const rules = [
    void8,
    unmeasured(input),
    retrievalFails(input),
    mustRetrieve(input.facts),
    needsForm(input),
    stillClimbs(input),
    breakEvenRule(evens, input),
    fewRows(input.facts),
    detectableRule(input, head),
  ].filter((rule) => rule !== null);
  return {
    ...spoken,
    isVoid: void8 !== null,
    rules,
    table: decisionTable(input, worlds),
    comparisons: head ? compareArms(head, others, input) : [],
    breakEven: evens,
    sensitivity: findFlips(input, eligible),
    byVolume,
  };
}

/** What is said where no arm has a score: nothing can be concluded. */
export function voidDecision(why: string, wouldDecide: readonly string[]): Decision {
  return {
    ...{ ...silent, isVoid: true, why, wouldDecide, rules: [], table: [], comparisons: [] },
    ...{ breakEven: [], sensitivity: [], byVolume: [] },
  };
}

/** Rules and worlds together, first come first served. */
function speak(
  input: DecisionInput,
  worlds: Worlds,
  eligible: Eligible,
  weighed: Weighed,
  byVolume: readonly ByVolume[],
): Spoken {
  const name = nameOf(input, weighed.arm);
  const share = percent(weighed.chance);
  const stays = referencesOf(input).some((at) => at === weighed.arm);
  const later = stays || weighed.says === "none-reaches" ? moreTraining(input, eligible) : null;
  if (later) return later;
  if (weighed.says === "do-not-tune") {
    const why = `Ahead of every tuned model in ${share} of the simulated outcomes: ${name}.`;
    return { ...silent, verdict: "do-not-tune", arm: name, chance: weighed.chance, why };
  }
  const retrieval = retrievalFails(input);
  if (retrieval) return { ...silent, verdict: "fix-retrieval-first", why: retrieval.says };
  if (weighed.says === "tune") {
    const few = fewRows(input.facts);
    const rows: RowsToCollect = { kind: "train", atLeast: fewestTrainingRows, high: null, chance: null };
    if (few) return { ...silent, verdict: "collect-more-rows", rows, why: few.says };
    const missing = unmeasured(input);
    if (missing) return { ...silent, why: missing.says, wouldDecide: [missing.says] };
    const why = `Ahead of every other arm in ${share} of the simulated outcomes: ${name}.`;
    return { ...silent, verdict: "tune", arm: name, chance: weighed.chance, why };
  }
  return open(input, worlds, eligible, weighed, byVolume);
}

/** The tuned model misses the target now; its learning curve says with how many rows it would not. */
function moreTraining(input: DecisionInput, eligible: Eligible): Spoken | null {
  const quality = qualityAsked(input);
  if (eligible.tuned.length === 0 || quality === null) return null;
  const rows = trainingRowsFor(input, quality);
  if (rows === null) return null;
  const why = `No arm reaches ${percent(quality)}; the tuned model's learning curve does with about ${rows.atLeast} training rows (in ${percent(rows.chance ?? 0)} of its fits).`;
  return { ...silent, verdict: "collect-more-rows", rows, why };
}

/** `null` where none was named: then a learning curve leads nowhere. */
function qualityAsked(input: DecisionInput): number | null {
  const { wish } = input;
  if (wish.kind === "target") return wish.quality;
  const [over] = referencesOf(input);
  if (wish.kind !== "gain" || over === undefined) return null;
  return meanOf((input.arms[over] as DecisionArm).outcomes) + wish.by;
}

function open(
  input: DecisionInput,
  worlds: Worlds,
  eligible: Eligible,
  weighed: Weighed,
  byVolume: readonly ByVolume[],
): Spoken {
  const rows = testRowsToDecide(input, worlds, weighed);
  const wouldDecide = whatWouldDecide({ input, eligible, weighed, byVolume, rows });
  if (weighed.says === "none-reaches") {
    const why = `No arm is what was asked for, in ${percent(weighed.chance)} of the simulated outcomes.`;
    return { ...silent, why, wouldDecide };
  }
  const name = nameOf(input, weighed.arm);
  const why =
    byVolume.length > 1
      ? "The answer depends on the volume, which is not known."
      : `The best supported answer (${name}) holds in only ${percent(weighed.chance)} of the simulated outcomes; ` +
        `a verdict takes ${percent(sure)}.`;
  return { ...silent, chance: weighed.chance, rows, why, wouldDecide };
}

const silent: Spoken = {
  ...{ verdict: "undecided", arm: null, chance: null, rows: null, why: "", wouldDecide: [] },
};

function voided({ says }: FiredRule): Spoken {
  return { ...silent, why: says, wouldDecide: ["A split without leaks, and all arms measured on it again."] };
}

/** One answer at every volume is an answer, be it with another arm at each; several are none. */
function atAnyVolume(byVolume: readonly ByVolume[]): Weighed {
  const said = new Set(byVolume.map(({ says }) => says));
  const least = byVolume.reduce((one, next) => (next.chance < one.chance ? next : one));
  return said.size === 1 ? least : { ...least, says: "open" };
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

function demandSameRows({ arms, groups, facts }: DecisionInput): void {
  const rows = arms[0]?.outcomes.length ?? 0;
  const measured = [...arms, ...facts.shots, ...facts.learningCurve];
  const odd = measured.find(({ outcomes }) => outcomes.length !== rows);
  if (rows === 0 || odd || (groups && groups.length !== rows)) {
    throw new RangeError(`Internal: arms of a decision must share their rows, got ${rows} and others`);
  }
}
