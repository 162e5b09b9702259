/** @file Guards of budget, duplicates, curves of a run, forgetting and safety; pure: state in, verdict out. */

export * from "./act.ts";
export * from "./budget.ts";
export * from "./divergence.ts";
export * from "./duplicate.ts";
export * from "./forgetting.ts";
export * from "./futility.ts";
export * from "./gate.ts";
export * from "./gradients.ts";
export * from "./leakage-suspected.ts";
export * from "./memorization.ts";
export * from "./no-progress.ts";
export * from "./overfitting.ts";
export * from "./plateau.ts";
export * from "./regularization.ts";
export * from "./safety.ts";
export * from "./spending-forecast.ts";
export * from "./stall.ts";
