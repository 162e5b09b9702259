/** @file Shared by the forgetting and safety guards: the verdict over all measures, its message, and the gate. */

import type { Verdict } from "@tunewise/core/run";
import type { ForgettingGate } from "../recipe/index.ts";

/** `fail`: exceeds the limit · `pass`: is within it · `cannot-tell`: neither is shown, which is not a pass. */
export type GateVerdict = "pass" | "fail" | "cannot-tell";

/** Verdict of each measure. */
export type MeasureVerdicts<Measure extends string> = Readonly<Partial<Record<Measure, GateVerdict>>>;

/** The verdict, overall and for each measure. */
export interface GateCheck<Measure extends string> {
  readonly verdict: GateVerdict;
  readonly measures: MeasureVerdicts<Measure>;
  /** Message with the numbers first. */
  readonly sentence: string;
}

/**
 * Combines the verdicts of all measures: fails if any measure fails, and passes only if all pass.
 *
 * @param openings start of the message, by verdict
 * @param partsOf parts of the message on the measures behind a verdict
 */
export function judgeMeasures<Measure extends string>(
  measures: MeasureVerdicts<Measure>,
  openings: Readonly<Record<GateVerdict, string>>,
  partsOf: (verdict: GateVerdict) => readonly string[],
): GateCheck<Measure> {
  const verdicts = Object.values<GateVerdict | undefined>(measures);
  const passes = verdicts.length > 0 && verdicts.every((one) => one === "pass");
  const verdict = verdicts.includes("fail") ? "fail" : passes ? "pass" : "cannot-tell";
  const parts = partsOf(verdict);
  const sentence = `${openings[verdict]}${parts.length === 0 ? "" : `: ${parts.join("; ")}`}.`;
  return { verdict, measures, sentence };
}

/** Turns a verdict into an event to show, or `null`. The run is over, so nothing is stopped. */
export function gateEvent(
  guard: "forgetting" | "safety",
  { verdict, sentence }: Pick<GateCheck<never>, "verdict" | "sentence">,
  gate: ForgettingGate,
): Verdict {
  const speaks = verdict === "fail" || (verdict === "cannot-tell" && gate === "strict");
  return gate === "off" || !speaks ? { act: "go-on" } : { act: "warn", guard, sentence };
}

/** Whether the gate fails, so that a pipeline should not continue. */
export function isGateClosed(verdict: GateVerdict, gate: ForgettingGate): boolean {
  if (gate === "fail") return verdict === "fail";
  return gate === "strict" && verdict !== "pass";
}
