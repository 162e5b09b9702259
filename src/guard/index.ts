/** @file Budget, divergence, overfitting; pure: state in, verdict out. */
export * from "./budget.ts";
export * from "./divergence.ts";
export * from "./overfitting.ts";
