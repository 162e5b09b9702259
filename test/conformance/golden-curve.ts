/** 50-step training curves computed by torch and PEFT: batches, settings, and the plan that reproduces them. */

import type { TrainPlan } from "@tunewise/engine";
import type { AdapterSettings } from "@tunewise/engine/weights";
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

/** A plan in which every setting is at its plain value. */
export const plainPlan: TrainPlan = {
  epochs: 1,
  steps: 4,
  batchSize: 2,
  gradientAccumulationSteps: 1,
  batching: "ordered",
  maxLength: 64,
  loss: "nll",
  learningRate: 1e-3,
  schedule: "constant",
  warmup: 0,
  optimizer: "adamw",
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  seed: 1,
  recompute: "auto",
  momentsPath: null,
  penalty: null,
};

export const curvePlan = ({ settings }: Curve, learningRate: number): TrainPlan => ({
  ...plainPlan,
  steps: 50,
  gradientAccumulationSteps: settings.accumulation,
  learningRate,
  schedule: "cosine",
  warmup: settings.warmup,
  weightDecay: settings.weightDecay,
  beta1: settings.beta1,
  beta2: settings.beta2,
  epsilon: settings.epsilon,
  maxGradNorm: settings.clipNorm,
  recompute: "none",
});

export function curveSettings({
  settings: { lora },
}: Pick<Curve, "settings">): Omit<AdapterSettings, "targets"> {
  const { r: rank, lora_alpha: alpha } = lora;
  return { rank, alpha, rslora: false, dropout: 0, baseModel: "golden", revision: "" };
}
