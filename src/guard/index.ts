/** @file Budget, duplicate, curves of a run, forgetting, safety; pure: state in, verdict out. */

export * from "./act.ts";
export * from "./admission.ts";
export * from "./budget.ts";
export * from "./by-heart.ts";
export * from "./divergence.ts";
export * from "./doomed.ts";
export * from "./duplicate.ts";
export type { LossPoint } from "./forecast.ts";
export * from "./forgetting.ts";
export * from "./gradients.ts";
export * from "./keeping.ts";
export * from "./learning.ts";
export * from "./overfitting.ts";
export * from "./plateau.ts";
export * from "./safety.ts";
export * from "./too-good.ts";
export * from "./waste.ts";
