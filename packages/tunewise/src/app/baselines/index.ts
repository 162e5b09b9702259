/** @file `tunewise try`: cheaper ways and the tuned model on the same test rows, and the decision between them. */

export { curveRecipes, findTrainedRun } from "./find-arms.ts";
export { runTry, type TryOutcome, type TryPreview } from "./run-try.ts";
