/**
 * @file Refuses plans that must not run, and approves others. No other file creates approved plans, and nothing is
 * spent without one.
 */

import { usd, usdText } from "@tunewise/core/quantity";
import type { Placement } from "@tunewise/core/run";
import { describeModel } from "../../catalog/index.ts";
import type { Plan } from "../../plan/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import { canSpend, type Recipe } from "../../recipe/index.ts";
import { decodingFor, isStructured } from "../../scoring/index.ts";
import { misfitOf } from "./choose-placement.ts";
import { engineProblem, workerSettings } from "./engine-family.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";

declare const approved: unique symbol;

/**
 * A plan that a person approved, with its placement.
 */
export interface ApprovedPlan extends PlannedRecipe {
  readonly placement: Placement;
  readonly [approved]: true;
}

/**
 * How consent was given.
 */
export type Consent =
  /** The user's answer in a terminal. */
  | { readonly kind: "asked"; readonly yes: boolean }
  /** `--yes`. It requires a budget, so that an unattended run has a spending limit. */
  | { readonly kind: "flag" }
  /** A plan that was approved before: a saved one, that of an approved value, or that of an approved search's trial. */
  | { readonly kind: "saved"; readonly plan: Plan }
  | { readonly kind: "none" };

/**
 * Approves a plan.
 *
 * @param command the command that was called, for the suggested fix
 * @param placement where the run is computed; defaults to the engine on this machine
 * @throws {TunewiseError} `RUN_BLOCKED` if a finding is an error, `RUN_NOT_APPROVED` without consent,
 *   `BUDGET_WITHOUT_PRICE` if the only cap is in dollars and nothing costs any, `PLAN_STALE` if the saved plan was made
 *   for other inputs
 */
export function approve(
  planned: PlannedRecipe,
  consent: Consent,
  command: string = "tunewise run",
  placement: Placement = placementOf(planned.plan),
): ApprovedPlan {
  requireUnblocked(planned, placement.kind);
  requireActingCap(planned.prepared.recipe, command);
  requireConsent(consent, command, planned.plan.budget.covers !== "no-cap");
  if (consent.kind === "saved") requireCurrent(planned.plan, consent.plan);
  return { ...planned, placement } as ApprovedPlan;
}

/**
 * Refuses a cap that can never take effect: a cap only in dollars when nothing costs dollars.
 *
 * @throws {TunewiseError} `BUDGET_WITHOUT_PRICE`
 */
function requireActingCap(recipe: Recipe, command: string): void {
  const { usd: cap, minutes } = recipe.budget;
  if (cap === null || minutes !== null || canSpend(recipe)) return;
  throw problem("BUDGET_WITHOUT_PRICE", { cap: usdText(usd(cap)), command: `${command} --budget 60min` });
}

/**
 * Requires a person's consent. Without a terminal, also requires a budget.
 *
 * @throws {TunewiseError} `RUN_NOT_APPROVED`
 */
export function requireConsent(consent: Consent, command: string, isCapped: boolean): void {
  const refuse = (reason: string): never => {
    throw problem("RUN_NOT_APPROVED", {
      reason,
      command: `${command} --yes${isCapped ? "" : " --budget 30min"}`,
    });
  };
  if (consent.kind === "asked" && !consent.yes) refuse("the answer was no");
  if (consent.kind === "flag" && !isCapped) refuse("--yes needs a budget, and the recipe has none");
  if (consent.kind === "none") refuse("there is no terminal to ask in");
}

/** The engine's placement for a plan. */
export function placementOf({ schedule: { base, recompute } }: Plan): Placement {
  return { kind: "this-machine", base, recompute };
}

/**
 * Refuses plans that cannot run even with consent.
 *
 * @throws {TunewiseError} `RUN_BLOCKED`, see `refusalsOf`
 */
export function requireUnblocked(planned: PlannedRecipe, by?: Placement["kind"]): void {
  const refusals = refusalsOf(planned, by);
  const [first] = refusals;
  if (first !== undefined)
    throw problem("RUN_BLOCKED", { count: refusals.length, first: first.detail, code: first.code });
}

function requireCurrent(now: Plan, saved: Plan): void {
  const changes = [
    now.basis.recipeFingerprint === saved.basis.recipeFingerprint ? null : "the recipe",
    now.basis.dataFingerprint === saved.basis.dataFingerprint ? null : "the data",
    now.basis.modelRevision === saved.basis.modelRevision ? null : "the model's revision",
    now.basis.pricesFingerprint === saved.basis.pricesFingerprint ? null : "prices or their dates",
  ].filter((change) => change !== null);
  if (changes.length > 0) throw problem("PLAN_STALE", { changes: changes.join(", ") });
}

/**
 * Errors that consent cannot override: findings about data, recipe and plan, insufficient memory, rows longer than the
 * model's context, weights that cannot be trained as the recipe requires. `run`, `check`, the demo and searches all use
 * this function, so that they refuse the same plans.
 *
 * Codes in addition to those of the findings: `MEMORY_TOO_SMALL`, `ENGINE_ROW_TOO_LONG`, `ENGINE_FREEZE_UNKNOWN`,
 * `ENGINE_ALL_FROZEN`, `ENGINE_SETTING_UNKNOWN`, `MODEL_FAMILY_UNKNOWN`, `MODEL_CONFIG_INVALID`, `SCHEMA_ENGINE_ONLY`.
 *
 * @param by what computes the run. The plan's memory estimate and model families apply to the engine. The worker
 *   refuses models that it cannot train when it opens them.
 */
export function refusalsOf(planned: PlannedRecipe, by: Placement["kind"] = "this-machine"): Finding[] {
  const errors = planned.findings.filter(({ severity }) => severity === "error");
  const unfit = engineRefusal(planned, by);
  if (by === "torch") {
    const others = errors.filter(({ code }) => !isOfMemory(code));
    return [
      ...others,
      ...cardRefusal(planned),
      ...lengthRefusal(planned),
      ...unfit,
      ...structuredRefusal(planned),
    ];
  }
  const settings = workerSettings(planned.prepared.recipe, "error");
  return [...errors, ...memoryRefusal(planned), ...lengthRefusal(planned), ...unfit, ...settings];
}

function isOfMemory(code: string): boolean {
  return code === "MEMORY_TOO_SMALL";
}

/** Refuses a run that does not fit into this machine. The plan only warns if it fits another machine. */
function memoryRefusal({ plan, findings }: PlannedRecipe): Finding[] {
  if (plan.places[0]?.fits !== "no") return [];
  const existing = findings.find(({ code }) => code === "MEMORY_TOO_SMALL");
  if (existing?.severity === "error") return [];
  const detail = "The run does not fit into this machine.";
  const fix = "Use a smaller model, or lower training.batch_size or data.max_length.";
  const bare = { code: "MEMORY_TOO_SMALL", title: "the run does not fit into memory", detail, fix };
  return [{ ...bare, where: [], count: 1, ...existing, severity: "error" }];
}

/** Refuses a run that does not fit into the available GPUs even at the low end of the estimated range. */
function cardRefusal({ plan }: PlannedRecipe): Finding[] {
  const misfit = misfitOf(plan);
  if (misfit === null) return [];
  const change = plan.places.find(({ kind }) => kind === "own")?.change;
  return [
    {
      code: "MEMORY_TOO_SMALL",
      severity: "error",
      title: "the run does not fit into the GPU",
      where: [],
      detail: `${misfit[0]?.toUpperCase()}${misfit.slice(1)}.`,
      count: 1,
      fix: change ?? "Use a smaller model, or lower data.max_length.",
    },
  ];
}

function lengthRefusal({ prepared }: PlannedRecipe): Finding[] {
  const { train, validation, test } = prepared.encoded;
  const limit = describeModel(prepared.model.config).model?.contextLength ?? Number.POSITIVE_INFINITY;
  const lengths = [train, validation, test].flatMap(({ rows }) => rows.map(({ ids }) => ids.length));
  const long = lengths.filter((length) => length > limit);
  if (long.length === 0) return [];
  const found = long.reduce((most, length) => Math.max(most, length), 0);
  return [findingOf("ENGINE_ROW_TOO_LONG", "error", { found, limit }, [], long.length)];
}

/**
 * Refuses structured answers for the worker, which would otherwise fail after the training, on a machine already
 * rented.
 */
function structuredRefusal({ prepared }: PlannedRecipe): Finding[] {
  return isStructured(decodingFor(prepared)) ? [findingOf("SCHEMA_ENGINE_ONLY", "error", {}, [], 1)] : [];
}

/** Errors that the engine would raise after reading the weights. The worker supports other models. */
function engineRefusal({ prepared: { model, recipe } }: PlannedRecipe, by: Placement["kind"]): Finding[] {
  const error = engineProblem(model, recipe.method.kind === "full" ? recipe.method.freeze : []);
  if (error === null || (by === "torch" && error.kind.area === "model")) return [];
  const { code, kind, message: detail, fix } = error;
  return [{ code, severity: "error", title: kind.title, detail, where: [], count: 1, fix }];
}
