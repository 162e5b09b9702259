/** @file The library's public API: one file for each sub-path of the package, and the files they share. */
import {
  type Decision as DecisionHere,
  type DecisionInput as DecisionInputHere,
  decide as decideHere,
} from "../evaluate/index.ts";
import { type InDollars, toDollars, toMicroDollars } from "./dollars.ts";

export * from "./check.ts";
export * from "./plan.ts";
export * from "./search.ts";
export * from "./track.ts";
export * from "./train.ts";

/**
 * What `decide` decides from. Money is in dollars.
 *
 * @example
 * import type { DecisionInput } from "tunewise";
 *
 * const objective: DecisionInput["objective"] = { kind: "margin", margin: 0.02 };
 * console.log(objective.kind); // margin
 */
export interface DecisionInput extends InDollars<DecisionInputHere> {}

/** A decision with its reasons. Money is in dollars. */
export interface Decision extends InDollars<DecisionHere> {}

/**
 * Decides whether fine-tuning is worth it. The same input yields the same decision, bit for bit; docs/decision.md
 * explains the reasoning.
 *
 * @param input arms with outcomes on the same rows; at least one arm
 * @example
 * import { type DecisionInput, decide, range } from "tunewise";
 *
 * const free = range(0, 0, 0);
 * const outcomesOf = (right: number): number[] => Array.from({ length: 200 }, (_, row) => (row < right ? 1 : 0));
 * const arm = { latency: null, upkeep: [], usdPerThousandAnswers: free, usdPerMonth: free } as const;
 * const input: DecisionInput = {
 *   arms: [
 *     { ...arm, name: "prompt", kind: "prompt", outcomes: outcomesOf(60), usdToGetThere: free },
 *     { ...arm, name: "few-shot", kind: "few-shot", outcomes: outcomesOf(100), usdToGetThere: free },
 *     { ...arm, name: "tuned", kind: "tuned", outcomes: outcomesOf(190), usdToGetThere: range(5, 6, 8) },
 *   ],
 *   groups: null,
 *   answersPerMonth: range(1000, 1000, 1000),
 *   months: 12,
 *   objective: { kind: "target", quality: 0.75 },
 *   facts: {
 *     cleanTrainingRows: 1000,
 *     failedLeakChecks: [],
 *     needsCitations: false,
 *     factsChange: false,
 *     failing: [],
 *     latencyLimit: null,
 *     learningCurve: [],
 *     shots: [],
 *   },
 *   seed: 1,
 * };
 * const { verdict, arm: chosen } = decide(input);
 * console.log(verdict, chosen); // tune tuned
 */
export function decide(input: DecisionInput): Decision {
  return toDollars(decideHere(toMicroDollars<DecisionInputHere>(input, "DecisionInput")), "Decision");
}
