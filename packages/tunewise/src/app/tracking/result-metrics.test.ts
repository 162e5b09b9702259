/** @file The order in which metrics of recipes are a run's headline. */
import { expect, it } from "vitest";
import { resultMetrics } from "./result-metrics.ts";

it("prefers metrics of answers to those of the loss", () => {
  expect(resultMetrics.at(0)).toBe("exact_match");
  expect(resultMetrics.slice(-2)).toEqual(["perplexity", "bits_per_byte"]);
});
