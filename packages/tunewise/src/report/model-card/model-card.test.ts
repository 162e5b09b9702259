/** The model card: metadata, and sections with their figures, none of them from rows. */
import { expect, test } from "vitest";
import { modelCard, type ShownModelCard } from "./model-card.ts";

const shown: ShownModelCard = {
  name: "tickets",
  runId: "20261203-tickets-7f3a",
  format: "peft",
  dtype: "f32",
  base: "HuggingFaceTB/SmolLM2-135M-Instruct",
  revision: "03c8681a0321",
  endedAt: "2026-12-03T08:00:00Z",
  version: "0.1.0",
  dataFingerprint: "1fe65356355a",
  verdict: "Training helped",
  scores: [
    { arm: "majority", metric: "json_match", value: 0.465, low: null, high: null, rows: 80 },
    { arm: "base", metric: "json_match", value: 0, low: 0, high: 0.05, rows: 80 },
    { arm: "tuned", metric: "json_match", value: 0.655, low: 0.6025, high: 0.7025, rows: 80 },
  ],
  seenRows: 16,
  forgetting: {
    verdict: "cannot-tell",
    perplexity_base: 35.16,
    perplexity_tuned: 34.97,
    task_base: 0.88,
    task_tuned: 0.83,
  },
  wallSeconds: 103,
  spentMicroUsd: 120_000,
  notes: ["llama.cpp rounds"],
};

test("metadata for the hub, with the base and the library", () => {
  expect(modelCard(shown)).toMatch(
    /^---\nbase_model: "HuggingFaceTB\/SmolLM2-135M-Instruct"\nbase_model_relation: adapter\nlibrary_name: peft\n/,
  );
  expect(modelCard({ ...shown, base: null, format: "gguf" })).toMatch(
    /^---\npipeline_tag: text-generation\n/,
  );
});

test("data hash, scores, forgetting, cost and limits", () => {
  const card = modelCard(shown);
  expect(card).toContain("# tickets: training helped");
  expect(card).toContain("1fe65356355a");
  const lines = card.split("\n").filter((line) => line.startsWith("| JSON fields"));
  expect(lines).toEqual([
    "| JSON fields, F1 | this model | 65.5 % | 60.3-70.3 | 80 |",
    "| JSON fields, F1 | its base | 0.0 % | 0.0-5.0 | 80 |",
    "| JSON fields, F1 | always the most frequent answer | 46.5 % |  | 80 |",
  ]);
  expect(card).toContain("cannot be told");
  expect(card).toMatch(/perplexity of general text \| 35\.16 \| 34\.97/);
  expect(card).toContain("$0.120 in 1 min 43 s");
  expect(card).toContain("- 16 test rows also appear in training in some form.");
  expect(card).toContain("- llama.cpp rounds.");
});

test("what was not measured is stated", () => {
  const card = modelCard({ ...shown, scores: [], forgetting: null, spentMicroUsd: 0, verdict: null });
  expect(card).toContain("nothing was scored");
  expect(card).toContain("Not measured.");
  expect(card).toContain("on a machine without a price");
  expect(card).toContain("# tickets: not judged");
  expect(card).not.toContain("Scores hold for");
});
