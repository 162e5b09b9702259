/** @file The recipe: schema, reading, positions for carets, JSON Schema for editors. */
export { effectiveConfiguration, readConfiguration } from "./configuration.ts";
export { type DerivedSetting, deriveTraining, type TrainingFacts } from "./derive.ts";
export { recipeJsonSchema } from "./described.ts";
export type { OpenSetting } from "./draft.ts";
export { hyperparametersOf } from "./hyperparameters.ts";
export * from "./read.ts";
export type * from "./recipe.ts";
export { looksMost } from "./schema-forgetting.ts";
export type { TrackingSection } from "./schema-tracking.ts";
export { isOwnAddress } from "./spending.ts";
export { type RecipeChoices, recipeTemplate } from "./template.ts";
export { kindOfKey } from "./tunable.ts";
export {
  usualChecks,
  usualDecision,
  usualForgetting,
  usualGuards,
  usualPlan,
  usualRetrieval,
  usualSafety,
  usualSearch,
} from "./usual.ts";
export { RECIPE_LIMIT, readYaml, readYamlTexts, type YamlReading } from "./yaml.ts";
