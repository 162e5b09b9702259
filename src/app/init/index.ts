/** @file `tunewise init`: from a data file to a recipe. */

export { likelyData } from "./find-data.ts";
export type { Proposal } from "./first-choices.ts";
export { type InitRequest, type MadeRecipe, makeRecipe, type OpenQuestion } from "./make-recipe.ts";
