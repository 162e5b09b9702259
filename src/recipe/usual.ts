/**
 * @file Sections of a recipe that says nothing.
 */
import { camelKeys } from "./case.ts";
import type { ChecksSection, ForgettingSection, PlanSection, SafetySection } from "./recipe.ts";
import { checksSection } from "./schema-checks.ts";
import { forgettingSection } from "./schema-forgetting.ts";
import { planSection } from "./schema-plan.ts";
import { safetySection } from "./schema-safety.ts";

/** The `plan` section of an empty recipe. */
export const usualPlan: PlanSection = camelKeys<PlanSection>(planSection.parse({}));

/** The `forgetting` section of an empty recipe. */
export const usualForgetting: ForgettingSection = camelKeys<ForgettingSection>(forgettingSection.parse({}));

/** The `safety` section of an empty recipe. */
export const usualSafety: SafetySection = camelKeys<SafetySection>(safetySection.parse({}));

/** The `checks` section of an empty recipe. */
export const usualChecks: ChecksSection = camelKeys<ChecksSection>(checksSection.parse({}));
