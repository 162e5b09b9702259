/** @file The recipe: schema, reading, positions for carets, JSON Schema for editors. */

export { commandWords } from "./command-words.ts";
export { effectiveConfiguration, readConfiguration } from "./configuration.ts";
export { kindOfKey } from "./conflict-search.ts";
export type * from "./data-section.ts";
export { dataSources, withSources } from "./data-sources.ts";
export {
  defaultChecks,
  defaultDecision,
  defaultForgetting,
  defaultGuards,
  defaultPlan,
  defaultRetrieval,
  defaultSafety,
  defaultSearch,
} from "./defaults.ts";
export { type DerivedSetting, deriveTraining, type TrainingFacts } from "./derive.ts";
export { recipeJsonSchema } from "./described.ts";
export type { OpenSetting, RecipeFile } from "./draft.ts";
export { CHAT_TEMPLATE_LIMIT } from "./field.ts";
export { hyperparametersOf } from "./hyperparameters.ts";
export { type MetricName, metricNames, taskOfMetric } from "./metrics.ts";
export { isTemplateText, templateKey } from "./model-section.ts";
export * from "./read.ts";
export type * from "./recipe.ts";
export type { CodeScannerEntry, ForgettingGate, SafetySection } from "./safety-section.ts";
export { maxForgettingChecks } from "./schema-forgetting.ts";
export type { TrackingSection } from "./schema-tracking.ts";
export { type RecipeSettings, readSettings, settingsText } from "./settings.ts";
export { canSpend, isOwnAddress } from "./spending.ts";
export { type RecipeChoices, recipeTemplate } from "./template.ts";
export { adapterKeys, workerKeys } from "./worker-keys.ts";
export { RECIPE_LIMIT, readYaml } from "./yaml.ts";
