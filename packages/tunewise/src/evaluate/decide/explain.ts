/** @file Sentences of a decision: break-even, detectable differences, and open questions. */
import { countText } from "@tunewise/core/quantity";
import type { BreakEven } from "./break-even.ts";
import { type RowsToCollect, testRowsForGain } from "./enough-rows.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { type FiredRule, percent, points, unmeasured } from "./rules.ts";
import { breakEvenValue } from "./sensitivity.ts";
import { meanOf } from "./table.ts";
import type { ByVolume, Eligible, Weighed } from "./weigh.ts";

/** R6: when training breaks even, against the alternative that takes longest. */
export function breakEvenRule(evens: readonly BreakEven[], { months }: DecisionInput): FiredRule | null {
  if (evens.length === 0) return null;
  const parts = evens.map(({ arm, against, low, expected, high }) => {
    if (expected === null) return `${arm} never pays for itself against ${against} by price alone`;
    const range = `${countText(low ?? 0)} to ${high === null ? "never" : countText(high)}`;
    return `${arm} costs less than ${against} from ${countText(expected)} answers on (${range})`;
  });
  return { rule: "R6", says: `Over ${months} months: ${parts.join("; ")}.` };
}

/** R7, second half: the wanted gain is smaller than the test rows can detect. */
export function detectableRule(input: DecisionInput, head: DecisionArm | null): FiredRule | null {
  const { objective } = input;
  if (objective.kind !== "gain" || !head) return null;
  const over = input.arms.find(({ name }) => name === objective.over);
  if (!over || over === head) return null;
  const needed = testRowsForGain(head.outcomes, over.outcomes, objective.by);
  const rows = head.outcomes.length;
  if (needed <= rows) return null;
  return {
    rule: "R7",
    says: `${rows} test rows do not show a gain of ${points(objective.by)} with 80 % power; ${needed} would.`,
  };
}

/** One sentence for each measurement or fact that would settle an open question. */
export function whatWouldDecide(about: {
  readonly input: DecisionInput;
  readonly eligible: Eligible;
  readonly weighed: Weighed;
  readonly byVolume: readonly ByVolume[];
  readonly rows: RowsToCollect | null;
}): string[] {
  const { input, eligible, weighed, byVolume, rows } = about;
  const missing = unmeasured(input);
  return [
    ...(missing ? [missing.says] : []),
    ...(eligible.tuned.length === 0 ? ["A tuned arm, measured on the same rows."] : []),
    ...(weighed.says === "none-reaches" ? noneReaches(input) : []),
    ...(rows ? [`About ${rows.atLeast} test rows, if things are as they look now.`] : []),
    ...byVolume
      .filter(() => byVolume.length > 1)
      .map(
        ({ says, fromPerMonth, toPerMonth, arm }) =>
          `From ${countText(Math.round(fromPerMonth))} to ${countText(Math.round(toPerMonth))} answers a month: ${saysText[says]}${arm === null ? "" : ` (${armAt(input, arm).name})`}.`,
      ),
    ...worthText(input, eligible),
  ];
}

const saysText = {
  tune: "tune",
  "do-not-tune": "do not tune",
  open: "open",
  "none-reaches": "nothing reaches the target",
};

function noneReaches({ facts }: DecisionInput): string[] {
  return facts.learningCurve.length < 3
    ? [
        "Scores after training on a quarter, half and all of the rows, to see whether more rows would reach it.",
      ]
    : ["A lower target, or another way: the learning curve does not promise to reach it."];
}

/** If one arm is better but more expensive: the value of a correct answer from which it pays. */
function worthText(input: DecisionInput, { tuned, others }: Eligible): string[] {
  if (input.objective.kind !== "margin" || tuned.length === 0 || others.length === 0) return [];
  const quality = (at: number): number => meanOf(armAt(input, at).outcomes);
  const best = (places: readonly number[]): number =>
    places.reduce((one, at) => (quality(at) > quality(one) ? at : one));
  const [ours, theirs] = [best(tuned), best(others)];
  const [better, cheaper] = quality(ours) > quality(theirs) ? [ours, theirs] : [theirs, ours];
  const worth = breakEvenValue(input, better, cheaper) ?? 0;
  if (worth <= 0) return [];
  const gain = percent(quality(better) - quality(cheaper));
  return [
    `What a correct answer is worth: ${armAt(input, better).name} is ${gain} better than ${armAt(input, cheaper).name} and dearer, and pays from $${Number(worth.toPrecision(2))} for each on.`,
  ];
}

function armAt({ arms }: DecisionInput, at: number): DecisionArm {
  return arms[at] as DecisionArm;
}
