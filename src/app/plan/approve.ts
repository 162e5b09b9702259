/**
 * @file The only maker of an approved plan: nothing is spent without one.
 */
import type { Plan } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";
import { refusalsOf } from "./refusals.ts";

declare const approved: unique symbol;

/** A plan somebody said yes to. */
export interface ApprovedPlan extends PlannedRecipe {
  readonly [approved]: true;
}

/** How the yes was given. */
export type Consent =
  /** Asked in a terminal. */
  | { readonly kind: "asked"; readonly yes: boolean }
  /** `--yes`: only with a budget, so that an unattended run cannot spend without end. */
  | { readonly kind: "flag" }
  /** A plan saved before and handed in. */
  | { readonly kind: "saved"; readonly plan: Plan }
  | { readonly kind: "none" };

/**
 * Turns a plan into one that may run.
 *
 * @param command what was called, for the way on
 * @throws {TunewiseError} `RUN_BLOCKED` where a finding is an error, `RUN_NOT_APPROVED` without a yes,
 * `PLAN_STALE` where the saved plan was made for something else
 */
export function approve(
  planned: PlannedRecipe,
  consent: Consent,
  command: string = "tunewise run",
): ApprovedPlan {
  demandUnblocked(planned);
  // without a terminal a yes counts only together with a cap
  const cap = planned.plan.budget.covers === "no-cap" ? " --budget 30min" : "";
  const refuse = (reason: string): never => {
    throw problem("RUN_NOT_APPROVED", { reason, command: `${command} --yes${cap}` });
  };
  switch (consent.kind) {
    case "asked":
      if (!consent.yes) refuse("the answer was no");
      break;
    case "flag":
      if (planned.plan.budget.covers === "no-cap") {
        refuse("--yes needs a budget, and the recipe has none");
      }
      break;
    case "saved":
      demandFresh(planned.plan, consent.plan);
      break;
    case "none":
      refuse("there is no terminal to ask in");
  }
  return planned as ApprovedPlan;
}

/**
 * Refuses what no yes can make right.
 *
 * @throws {TunewiseError} `RUN_BLOCKED`, see `refusalsOf`
 */
export function demandUnblocked(planned: PlannedRecipe): void {
  const refusals = refusalsOf(planned);
  const [first] = refusals;
  if (first !== undefined)
    throw problem("RUN_BLOCKED", { count: refusals.length, first: first.detail, code: first.code });
}

function demandFresh(now: Plan, saved: Plan): void {
  const changes = [
    now.basis.recipeFingerprint === saved.basis.recipeFingerprint ? null : "the recipe",
    now.basis.dataFingerprint === saved.basis.dataFingerprint ? null : "the data",
    now.basis.modelRevision === saved.basis.modelRevision ? null : "the model's revision",
    now.basis.pricesFingerprint === saved.basis.pricesFingerprint ? null : "prices or their dates",
  ].filter((change) => change !== null);
  if (changes.length > 0) throw problem("PLAN_STALE", { changes: changes.join(", ") });
}
