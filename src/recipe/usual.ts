/**
 * @file Sections of a recipe that says nothing.
 */
import { camelKeys } from "./case.ts";
import { completeGuards } from "./complete.ts";
import type { RecipeDraft } from "./draft.ts";
import type {
  ChecksSection,
  DecisionSection,
  ForgettingSection,
  GuardsSection,
  PlanSection,
  RetrievalSection,
  SafetySection,
  SearchSection,
} from "./recipe.ts";
import { decisionSection, retrievalSection } from "./schema-arms.ts";
import { checksSection } from "./schema-checks.ts";
import { forgettingSection } from "./schema-forgetting.ts";
import { guardsSection } from "./schema-guards.ts";
import { planSection } from "./schema-plan.ts";
import { safetySection } from "./schema-safety.ts";
import { searchSection } from "./schema-search.ts";

/** The `plan` section of an empty recipe. */
export const usualPlan: PlanSection = camelKeys<PlanSection>(planSection.parse({}));

/** The `forgetting` section of an empty recipe. */
export const usualForgetting: ForgettingSection = camelKeys<ForgettingSection>(forgettingSection.parse({}));

/** The `guards` section of an empty recipe. */
export const usualGuards: GuardsSection = completeGuards(
  camelKeys<RecipeDraft["guards"]>(guardsSection.parse({})),
);

/** The `safety` section of an empty recipe. */
export const usualSafety: SafetySection = camelKeys<SafetySection>(safetySection.parse({}));

/** The `checks` section of an empty recipe. */
export const usualChecks: ChecksSection = camelKeys<ChecksSection>(checksSection.parse({}));

/** The `retrieval` section of an empty recipe. */
export const usualRetrieval: RetrievalSection = camelKeys<RetrievalSection>(retrievalSection.parse({}));

/** The `decision` section of an empty recipe. */
export const usualDecision: DecisionSection = camelKeys<DecisionSection>(decisionSection.parse({}));

/** The `search` section of an empty recipe. */
export const usualSearch: SearchSection = camelKeys<SearchSection>(searchSection.parse({}));
