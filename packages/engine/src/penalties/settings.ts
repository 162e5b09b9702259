/** @file Settings of penalties and of Fisher estimation. */
import type { Gradients } from "../pass/train-pass.ts";
import type { Fisher, FisherFacts } from "./fisher.ts";

/**
 * Elastic weight consolidation, or L2-SP, which weights all parameters equally. Relative to the mean loss the penalty
 * is lambda / 2 times the sum of F (w - w0)^2.
 */
export type PenaltySettings =
  | { readonly kind: "ewc"; readonly lambda: number; readonly fisher: Fisher }
  | { readonly kind: "l2-sp"; readonly lambda: number };

/** Options of a Fisher estimation. */
export interface FisherOptions extends Pick<FisherFacts, "estimator" | "storage" | "modelKey" | "dataKey"> {
  readonly seed: number;
  readonly onRow?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** A penalty on an adapter's changes to the base. */
export interface Penalty {
  /**
   * Adds the penalty's gradient to gradients that are sums over labelled tokens.
   *
   * @param labelledTokens number of tokens the sums are over
   * @returns the penalty, on the scale of the mean loss per token
   */
  add(gradients: Gradients, labelledTokens: number): Promise<number>;
  close(): Promise<void>;
}
