/** @file Tests saved plans: loading restores their settings and caps; invalid files are refused. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { inputOf, recipeOf } from "../../../../../test/support/plan-inputs.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { planRun, writePlan } from "../../plan/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { readSavedPlan, writeSavedPlan } from "./saved-plan.ts";

const folder = temporaryFolder();

test("settings and caps come back, and older files have none", async () => {
  const recipePath = resolve("tunewise.yaml");
  const overrides = { settings: { "training.batch_size": 4 }, budgetUsd: 0.25, budgetMinutes: 3 };
  const plan = planRun(inputOf("qwen/qwen2.5-0.5b", recipeOf(), []));
  const path = join(folder, "plan.json");
  await writeSavedPlan(path, { recipePath, overrides, document: JSON.parse(writePlan(plan)) });
  expect(await readSavedPlan(path)).toEqual({ plan, recipePath, overrides });
  const { set, budget, ...older } = JSON.parse(readFileSync(path, "utf8"));
  expect([set, budget]).toEqual(["training.batch_size=4", "0.25usd,3min"]);
  writeFileSync(path, JSON.stringify(older));
  expect(await readSavedPlan(path)).toEqual({ plan, recipePath, overrides: {} });
});

test.each([
  ["no file", null, "RECIPE_NOT_FOUND"],
  ["no JSON", "{", "PLAN_UNREADABLE"],
  ["a list of rows", '[{"prompt":"a","completion":"b"}]', "RECIPE_IS_DATA"],
  ["no plan", '{"recipe_path":"x"}', "PLAN_UNREADABLE"],
])("%s is refused", async (name, text, code) => {
  const path = join(folder, `${name}.json`);
  if (text !== null) writeFileSync(path, text);
  const error = await readSavedPlan(path).catch((thrown: unknown) => thrown);
  expect(TunewiseError.is(error) && error.code).toBe(code);
});
