/** @file Saves and loads a plan with its recipe's path and overrides, so that `run` needs only the file. */

import { readTextFile } from "@tunewise/core/untrusted";
import { writeWholeFile } from "@tunewise/tracker";
import { type Plan, readPlan } from "../../plan/index.ts";
import { dataAsRecipe, type RecipeOverrides } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { type RecipeSettings, readSettings, settingsText } from "../../recipe/index.ts";
import { budgetText, readBudget } from "../budget-text.ts";

/** A saved plan with its inputs. */
export interface SavedPlan {
  readonly plan: Plan;
  readonly recipePath: string;
  /** Settings and caps of the command that saved it. */
  readonly overrides: Pick<RecipeOverrides, "settings" | "budgetUsd" | "budgetMinutes">;
}

/** Saves a plan as its document. */
export async function writeSavedPlan(
  path: string,
  {
    recipePath,
    overrides: { settings = {}, budgetUsd, budgetMinutes },
    document,
  }: Pick<SavedPlan, "recipePath" | "overrides"> & { readonly document: object },
): Promise<void> {
  const [set, budget] = [
    settingsText(settings),
    budgetText({ usd: budgetUsd ?? null, minutes: budgetMinutes ?? null }),
  ];
  const given = { ...(set === "" ? {} : { set }), ...(budget === "" ? {} : { budget }) };
  const saved = { recipe_path: recipePath, ...given, plan: document };
  await writeWholeFile(path, `${JSON.stringify(saved, null, 2)}\n`);
}

/**
 * Reads a saved plan.
 *
 * @throws {TunewiseError} `RECIPE_NOT_FOUND` if there is no such file, `RECIPE_IS_DATA` for a list of rows,
 *   `PLAN_UNREADABLE` for a file that is not a plan, `USAGE_VALUE_INVALID` for invalid settings or caps
 */
export async function readSavedPlan(path: string): Promise<SavedPlan> {
  const text = await readTextFile(path).catch((cause: unknown) => {
    throw problem("RECIPE_NOT_FOUND", { path }, { cause });
  });
  const document = parse(text);
  // a plan is an object, and a list holds rows
  if (Array.isArray(document)) throw dataAsRecipe(path, "a data file (json)");
  const { plan, reason } = readPlan(JSON.stringify(document["plan"] ?? null));
  const { recipe_path: recipePath, set, budget } = document;
  if (plan === null || typeof recipePath !== "string") {
    throw problem("PLAN_UNREADABLE", { reason: reason ?? "it does not name a recipe" });
  }
  const settings: RecipeSettings | null = typeof set === "string" ? readSettings(set, "set") : null;
  const caps = typeof budget === "string" ? readBudget("budget", budget) : { usd: null, minutes: null };
  const overrides = {
    ...(settings === null ? {} : { settings }),
    ...(caps.usd === null ? {} : { budgetUsd: caps.usd }),
    ...(caps.minutes === null ? {} : { budgetMinutes: caps.minutes }),
  };
  return { plan, recipePath, overrides };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
