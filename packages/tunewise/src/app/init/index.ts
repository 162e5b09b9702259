/** @file `tunewise init`: from a data file to a recipe. */

export type { Proposal } from "./default-choices.ts";
export { likelyData } from "./find-data.ts";
export { type InitRequest, makeRecipe, type OpenQuestion, type RecipeDraft } from "./make-recipe.ts";
export { recipeOfFile } from "./recipe-of-file.ts";
