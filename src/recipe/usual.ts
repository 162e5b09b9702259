/**
 * @file Sections of a recipe that says nothing.
 */
import { camelKeys } from "./case.ts";
import type { ForgettingSection, PlanSection } from "./recipe.ts";
import { forgettingSection } from "./schema-forgetting.ts";
import { planSection } from "./schema-plan.ts";

/** The `plan` section of an empty recipe. */
export const usualPlan: PlanSection = camelKeys<PlanSection>(planSection.parse({}));

/** The `forgetting` section of an empty recipe. */
export const usualForgetting: ForgettingSection = camelKeys<ForgettingSection>(forgettingSection.parse({}));
