/**
 * @file Plans a served recipe with changed settings by running `tunewise plan --set`. Plans are cached until something
 * changes.
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { shellWord } from "@tunewise/core/format";
import type { Plan } from "../../../plan/index.ts";
import { type Finding, problem } from "../../../problem/index.ts";
import { type RecipeSettings, settingsText } from "../../../recipe/index.ts";
import { type ChangedSettings, commandPath, obstacleOf, offeredModels } from "./list-recipes.ts";
import { type CommandDocument, readCommand } from "./program.ts";
import { keep, readServed, recipePath, type ServedRecipes, stampOf } from "./served-recipes.ts";
import { type KeptPlan, type PlanFacts, planFacts, planFrom, type ShownPlan } from "./shown-plan.ts";

const maxPlans = 20;
/** Maximum age of a cached plan, because prices, load and finished runs change too. */
const freshMs = 10 * 60_000;
const planSeconds = 180;
const planBytes = 16 * 1024 ** 2;

/**
 * Returns the plan of a recipe.
 *
 * @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN`, `RECIPE_COMMAND_FAILED`, `USAGE_VALUE_INVALID` for a model that is
 *   not offered, and those of a recipe that cannot be read
 */
export async function planServed(
  served: ServedRecipes,
  name: string,
  knobs: ChangedSettings,
  signal: AbortSignal,
): Promise<ShownPlan> {
  const own = await readServed(served, name);
  const settings = settingsOf(knobs, own.recipe.model.source);
  const stamp = await stampOf(own);
  const key = JSON.stringify([name, stamp, settings]);
  const nowMs = served.runtime.now().getTime();
  const known = served.plans.get(key);
  if (known && nowMs - known.shown.madeMs < freshMs && known.started === null) return known.shown;
  const { plan, findings } = await planByCommand(served, name, settings, [], signal);
  const id = createHash("sha256").update(`${key} ${nowMs} ${plan.fingerprint}`).digest("hex").slice(0, 24);
  const facts = planFacts(plan, findings);
  const shown: ShownPlan = {
    ...facts,
    id,
    madeMs: nowMs,
    command: `tunewise plan ${commandPath(served, name)}${setWords(settings)}`,
    refusal: obstacleOf(served, own) ?? refusalOf(facts, settings),
  };
  keep(served.plans, key, { shown, plan, recipe: name, settings, stamp, started: null }, maxPlans);
  return shown;
}

/** Finds a cached plan by id. @throws {TunewiseError} `PLAN_UNKNOWN` */
export function keptPlan({ plans }: ServedRecipes, recipe: string, id: string): KeptPlan {
  for (const kept of plans.values()) if (kept.shown.id === id && kept.recipe === recipe) return kept;
  throw problem("PLAN_UNKNOWN", { most: maxPlans });
}

/** Runs `tunewise plan` for a recipe with settings. */
export async function planByCommand(
  served: ServedRecipes,
  name: string,
  settings: RecipeSettings,
  more: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly findings: readonly Finding[] }> {
  const path = recipePath(served, name);
  const text = settingsText(settings);
  const words = ["plan", path, ...(text === "" ? [] : ["--set", text]), ...more];
  // Models from the list are planned from their known shapes, so that choosing one never starts a download.
  const options = { cwd: dirname(path), isOffline: "model" in settings };
  const limits = { seconds: planSeconds, outputBytes: planBytes, signal };
  const document = await served.gate(() => readCommand(served.start, words, options, limits));
  if (document === null) throw busy("plan");
  const plan = planFrom(document);
  if (plan === null) throw failed("plan", "it printed no plan that can be read");
  return { plan, findings: findingsOf(document) };
}

/** The error if too many requests are waiting. */
export function busy(command: string): Error {
  return failed(command, "too many are at work already");
}

function failed(command: string, reason: string): Error {
  const name = `tunewise ${command}`;
  return problem("RECIPE_COMMAND_FAILED", { command: name, reason, fix: name });
}

function findingsOf({ findings }: CommandDocument): Finding[] {
  return Array.isArray(findings) ? (findings as Finding[]) : [];
}

function setWords(settings: RecipeSettings): string {
  const text = settingsText(settings);
  return text === "" ? "" : ` --set ${shellWord(text)}`;
}

/** Converts the page's settings to recipe settings. @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function settingsOf(knobs: ChangedSettings, ownModel: string): RecipeSettings {
  const { method, model, maxLength, batchSize, epochs, steps } = knobs;
  if (model !== undefined && model !== ownModel && !offeredModels.includes(model)) {
    throw problem("USAGE_VALUE_INVALID", {
      name: "model",
      expected: "the recipe's own model, or one of the list",
      found: JSON.stringify(model.slice(0, 80)),
      fix: "GET /api/tunewise/v1/recipes lists them",
    });
  }
  const settings = {
    model: model === ownModel ? undefined : model,
    "method.kind": method,
    "data.max_length": maxLength,
    "training.batch_size": batchSize,
    "training.epochs": epochs,
    "training.steps": steps,
  };
  const given = Object.entries(settings).flatMap(([key, value]) =>
    value == null ? [] : [[key, value] as const],
  );
  return Object.fromEntries(given);
}

function refusalOf({ findings, places: [here] }: PlanFacts, settings: RecipeSettings): string | null {
  const [first] = findings;
  if (first?.severity === "error") return first.detail;
  if (here?.fits === "no")
    return `It does not fit into this machine: ${here.change ?? "no change of it would"}.`;
  if ("model" in settings)
    return "The model is another one than the recipe's, and planned without its files: start it in a terminal.";
  return null;
}
