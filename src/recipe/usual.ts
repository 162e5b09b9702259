/**
 * @file What a plan assumes where the recipe says nothing.
 */
import { camelKeys } from "./case.ts";
import type { PlanSection } from "./recipe.ts";
import { planSection } from "./schema-plan.ts";

/** The `plan` section of an empty recipe. */
export const usualPlan: PlanSection = camelKeys<PlanSection>(planSection.parse({}));
