/** @file Default values of sections. */

import { completeGuards, completeRetrieval } from "./complete.ts";
import { camelKeys, type RecipeDraft } from "./draft.ts";
import type {
  ChecksSection,
  DecisionSection,
  ForgettingSection,
  GuardsSection,
  PlanSection,
  RetrievalSection,
  SearchSection,
} from "./recipe.ts";
import type { SafetySection } from "./safety-section.ts";
import { decisionSection, retrievalSection } from "./schema-arms.ts";
import { checksSection } from "./schema-data.ts";
import { forgettingSection, safetySection } from "./schema-forgetting.ts";
import { planSection } from "./schema-plan.ts";
import { searchSection } from "./schema-search.ts";
import { guardsSection } from "./schema-training.ts";

/** Default `plan` section. */
export const defaultPlan: PlanSection = camelKeys<PlanSection>(planSection.parse({}));

/** Default `forgetting` section. */
export const defaultForgetting: ForgettingSection = camelKeys<ForgettingSection>(forgettingSection.parse({}));

/** Default `guards` section. */
export const defaultGuards: GuardsSection = completeGuards(
  camelKeys<RecipeDraft["guards"]>(guardsSection.parse({})),
);

/** Default `safety` section. */
export const defaultSafety: SafetySection = camelKeys<SafetySection>(safetySection.parse({}));

/** Default `checks` section. */
export const defaultChecks: ChecksSection = camelKeys<ChecksSection>(checksSection.parse({}));

/** Default `retrieval` section. */
export const defaultRetrieval: RetrievalSection = completeRetrieval(
  camelKeys<RecipeDraft["retrieval"]>(retrievalSection.parse({})),
);

/** Default `decision` section. */
export const defaultDecision: DecisionSection = camelKeys<DecisionSection>(decisionSection.parse({}));

/** Default `search` section. */
export const defaultSearch: SearchSection = camelKeys<SearchSection>(searchSection.parse({}));
