/** @file Selects the earlier run to beat: the best completed run with the same model, rows and loss unit. */

import type { Metric, Run } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { run as sample } from "../../../../../test/support/sample-records.ts";
import { effectiveConfiguration, type Recipe, readRecipe } from "../../recipe/index.ts";
import { findTarget } from "./find-target.ts";

function recipe(lines = ""): Recipe {
  const text = `model: owner/name\ndata:\n  train: rows.jsonl\n  max_length: 64\n${lines}`;
  const read = readRecipe(text, "tunewise.yaml").recipe;
  if (read === null) throw new Error("the recipe cannot be read");
  return read;
}

const earlier = (id: string, change: Partial<Run> = {}, lines = ""): Run => ({
  ...sample(id),
  status: "completed",
  modelRevision: "r",
  dataFingerprint: "d",
  summary: "{}",
  configuration: effectiveConfiguration(recipe(lines)),
  ...change,
});

/** Finds the target among runs with the given validation losses. */
function targetAmong(runs: readonly (readonly [Run, readonly number[]])[], lines = ""): Promise<unknown> {
  const store = {
    listRuns: async () => runs.map(([run]) => run),
    metricHistory: async (id: string): Promise<Metric[]> =>
      (runs.find(([run]) => run.id === id)?.[1] ?? []).map((value, step) => ({
        runId: id,
        key: "validation/loss",
        step,
        value,
        time: "",
      })),
  };
  const prepared = { recipe: recipe(lines), model: { revision: "r" }, dataFingerprint: "d" };
  return findTarget(store, prepared as Parameters<typeof findTarget>[1], "own");
}

test("the lowest loss of the best run that is alike", async () => {
  const runs = [
    [earlier("a"), [2, 1.5, 1.6]],
    [earlier("b", {}, "training: { seed: 3 }\n"), [2, 1.2, Number.NaN]],
    [earlier("own"), [0.1]],
  ] as const;
  const curve = [
    { step: 0, loss: 2 },
    { step: 1, loss: 1.2 },
  ];
  expect(await targetAmong(runs)).toEqual({ loss: 1.2, of: "run b", curve });
});

test.each<[string, Run]>([
  ["another model", earlier("x", { modelRevision: "s" })],
  ["rows cut elsewhere", earlier("x")],
  ["a try", earlier("x", { summary: JSON.stringify({ kind: "arms", fingerprint: "f" }) })],
])("%s", async (what, run) => {
  const changed = what === "rows cut elsewhere" ? "  loss: all\n" : "";
  expect(await targetAmong([[run, [0.5]]], changed)).toBeNull();
});

test("the recipe's own target comes first, and a guard that is off needs none", async () => {
  const runs = [[earlier("a"), [0.5]]] as const;
  expect(await targetAmong(runs, "guards: { target: 0.7 }\n")).toEqual({
    loss: 0.7,
    of: "guards.target",
    curve: [],
  });
  expect(await targetAmong(runs, "guards: off\n")).toBeNull();
  expect(await targetAmong(runs)).toMatchObject({ loss: 0.5, of: "run a" });
});

test("its curve is given in steps of the run that is judged: as many rows in the same place", async () => {
  const half = earlier("a", {}, "training: { batch_size: 2, gradient_accumulation_steps: 2 }\n");
  const lines = "training: { batch_size: 8, gradient_accumulation_steps: 1 }\n";
  expect(await targetAmong([[half, [3, 2, 1]]], lines)).toMatchObject({
    curve: [0, 0.5, 1].map((step, at) => ({ step, loss: 3 - at })),
  });
});
