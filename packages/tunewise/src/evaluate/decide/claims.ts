/** @file Checks two common claims about fine-tuning against the user's own runs. */
import { countOf, type Range, type Usd } from "@tunewise/core/quantity";
import type { Interval } from "../score.ts";
import { testPair } from "./compare-arms.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { percent } from "./rules.ts";
import { meanOf } from "./table.ts";

/** Measured cost of a full or a LoRA run of the same rows and steps. */
export interface MethodCost {
  readonly usd: Range<Usd> | null;
  /** Peak memory in bytes. */
  readonly memoryBytesPeak: Range<number> | null;
}

/** A claim and the evidence of these runs. */
export interface ClaimCheck {
  readonly claim: "lora-saves-90-percent" | "small-tuned-beats-big";
  readonly verdict: "supported" | "contradicted" | "cannot-tell";
  /** The claim and the figures as a sentence. */
  readonly says: string;
  /** Share saved, or difference in quality; `null` if not measured. */
  readonly found: number | null;
  readonly interval: Interval | null;
}

/** A saving of 90 % supports "up to 90 %"; a saving whose best case is below this share contradicts it. */
const claimed = 0.9;

/**
 * Checks "LoRA saves up to 90 %" and "a small tuned model beats a big one" against measured runs.
 *
 * @param methods both runs, or `null` if one of them does not exist
 * @param input arms on the same rows, for the second claim
 */
export function checkClaims(
  methods: { readonly full: MethodCost; readonly lora: MethodCost } | null,
  input: Pick<DecisionInput, "arms" | "groups" | "seed">,
): ClaimCheck[] {
  return [checkSaving(methods), checkBeating(input)];
}

function checkSaving(methods: { readonly full: MethodCost; readonly lora: MethodCost } | null): ClaimCheck {
  const claim = "lora-saves-90-percent";
  const money = methods && saving(methods.full.usd, methods.lora.usd);
  const memory = methods && saving(methods.full.memoryBytesPeak, methods.lora.memoryBytesPeak);
  const found = [money, memory].filter((one) => one !== null);
  const parts = [
    ...(money ? [`money by ${savingText(money)}`] : []),
    ...(memory ? [`peak memory by ${savingText(memory)}`] : []),
  ];
  const [first] = [...found].sort((a, b) => b.expected - a.expected);
  if (!first) {
    const says = "LoRA saves up to 90 %: cannot be told, since full fine-tuning and LoRA were not both run.";
    return { claim, verdict: "cannot-tell", says, found: null, interval: null };
  }
  const verdict = first.low >= claimed ? "supported" : first.high < claimed ? "contradicted" : "cannot-tell";
  const says = `LoRA saves up to 90 %: here it lowered ${parts.join(" and ")} against full fine-tuning.`;
  return { claim, verdict, says, found: first.expected, interval: { low: first.low, high: first.high } };
}

/** One minus the ratio of two ranges, in the worst and the best case. */
function saving(full: Range<number> | null, lora: Range<number> | null): Range<number> | null {
  if (!full || !lora || full.low <= 0) return null;
  return {
    low: 1 - lora.high / full.low,
    expected: 1 - lora.expected / full.expected,
    high: 1 - lora.low / full.high,
  };
}

function savingText({ low, expected, high }: Range<number>): string {
  return `${percent(expected)} (${percent(low)} to ${percent(high)})`;
}

function checkBeating(input: Pick<DecisionInput, "arms" | "groups" | "seed">): ClaimCheck {
  const claim = "small-tuned-beats-big";
  const best = (wanted: (arm: DecisionArm) => boolean): DecisionArm | undefined =>
    input.arms.filter(wanted).sort((a, b) => meanOf(b.outcomes) - meanOf(a.outcomes))[0];
  const tuned = best(({ kind }) => kind === "tuned" || kind === "tuned-rag");
  const big = best(({ kind }) => kind === "api");
  if (!tuned || !big) {
    const says = `A small tuned model beats a big one: cannot be told without ${tuned ? "an API model" : "a tuned model"} on the same rows.`;
    return { claim, verdict: "cannot-tell", says, found: null, interval: null };
  }
  const { interval, pValue } = testPair(tuned.outcomes, big.outcomes, input);
  const found = meanOf(tuned.outcomes) - meanOf(big.outcomes);
  const verdict = pValue >= 0.05 ? "cannot-tell" : found > 0 ? "supported" : "contradicted";
  const range = interval ? `, difference ${percent(interval.low)} to ${percent(interval.high)}` : "";
  const says = `A small tuned model beats a big one: ${tuned.name} has ${percent(meanOf(tuned.outcomes))}, ${big.name} ${percent(meanOf(big.outcomes))} on ${countOf(big.outcomes.length, "row")}${range}, p = ${pValue.toPrecision(2)}.`;
  return { claim, verdict, says, found, interval };
}
