/** @file Budget, duplicate, divergence, overfitting, forgetting, safety; pure: state in, verdict out. */

export * from "./admission.ts";
export * from "./budget.ts";
export * from "./by-heart.ts";
export * from "./divergence.ts";
export * from "./duplicate.ts";
export * from "./forgetting.ts";
export * from "./keeping.ts";
export * from "./overfitting.ts";
export * from "./safety.ts";
export * from "./waste.ts";
