/** @file `tunewise try`: cheaper ways and the tuned model on the same test rows, and the decision between them. */

export { findTrainedRun } from "./find-tuned-run.ts";
export { curveRecipes } from "./learning-curve.ts";
export { runTry, type TryOutcome, type TryPreview } from "./run-try.ts";
