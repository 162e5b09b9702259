/** @file Which metric of a run is its headline, with and without the program's own metrics. */
import { expect, it } from "vitest";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { headlineOf } from "./headline.ts";

it.each<[keys: readonly string[], own: readonly string[], headline: string | null]>([
  [["eval_json_valid", "eval_loss"], ["json_valid", "perplexity"], "eval_json_valid 0.5"],
  [["eval_json_valid", "eval_loss"], [], "eval_loss 1.5"],
  [["eval_accuracy", "eval_json_valid"], ["json_valid"], "eval_accuracy 0.5"],
  [["accuracy", "test/loss"], [], "test/loss 1.5"],
  [["json_valid", "perplexity"], ["perplexity", "json_valid"], "perplexity 1.5"],
  [["system/gpu_loss"], [], null],
])("of %j with own metrics %j is %s", async (keys, own, headline) => {
  const { database, write, add } = await trackedStore(":memory:");
  const run = await add("a");
  const metrics = keys.map((key, at) => ({ key, step: 0, ms: 0, value: 0.5 + at }));
  await write((transaction) => logBatch(transaction, "a", { metrics, params: [], tags: [] }, 0));
  expect(await headlineOf(database, run, own)).toBe(headline);
});
