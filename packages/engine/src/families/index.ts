/** @file Every model family by its `model_type`: one table for the engine, plans, GGUF files and exports. */

export { computedFamilies, type FamilyName, families, familyOfGguf, isFamily } from "./families.ts";
export type * from "./family.ts";
