/** Curves of 50 steps that torch and PEFT made: batches, settings, and the plan that repeats them. */

import type { TrainPlan } from "../../src/engine/index.ts";
import type { AdapterSettings } from "../../src/weights/index.ts";
import type { GoldenRow } from "./golden-model.ts";

export interface Curve {
  settings: {
    lora: { r: number; lora_alpha: number };
    warmup: number;
    accumulation: number;
    clipNorm: number;
    weightDecay: number;
    beta1: number;
    beta2: number;
    epsilon: number;
  };
  batches: GoldenRow[][];
  curves: Record<
    string,
    {
      learningRate: number;
      steps: { loss: number; gradientNorm: number; learningRate: number; labelledTokens: number }[];
    }
  >;
}

export const curvePlan = (curve: Curve, learningRate: number): TrainPlan => ({
  epochs: 1,
  steps: 50,
  batchSize: 2,
  accumulation: curve.settings.accumulation,
  batching: "ordered",
  maxLength: 64,
  learningRate,
  schedule: "cosine",
  warmup: curve.settings.warmup,
  optimizer: "adamw",
  weightDecay: curve.settings.weightDecay,
  beta1: curve.settings.beta1,
  beta2: curve.settings.beta2,
  epsilon: curve.settings.epsilon,
  clipNorm: curve.settings.clipNorm,
  seed: 1,
  recompute: "none",
  momentsPath: null,
  penalty: null,
});

export function curveSettings({
  settings: { lora },
}: Pick<Curve, "settings">): Omit<AdapterSettings, "targets"> {
  const { r: rank, lora_alpha: alpha } = lora;
  return { rank, alpha, rslora: false, dropout: 0, baseModel: "golden", revision: "" };
}
