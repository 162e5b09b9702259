/**
 * @file The tasks that default settings are judged on: what a newcomer's recipe holds, and the grid beside it.
 *
 * Every recipe says model, data, columns and task and nothing else, but for the number of rows; what it leaves out is what is
 * judged. Forgetting and safety are not measured, so that the hours go to training.
 */

/** `folder` is beside the recipe: `bench/defaults/README` of docs/benchmarks.md says what lies in it. */
export const tasks = {
  "banking77-800": {
    folder: "banking77",
    data: {
      ...{ train: "train.csv", test: "test.csv", columns: { prompt: "text", completion: "category" } },
      rows: { train: 800, validation: 100, test: 300 },
    },
    task: { kind: "classify" },
    metric: "accuracy",
    epochs: [1, 3, 6],
  },
  "banking77-3000": {
    folder: "banking77",
    data: {
      ...{ train: "train.csv", test: "test.csv", columns: { prompt: "text", completion: "category" } },
      rows: { train: 3000, validation: 150, test: 300 },
    },
    task: { kind: "classify" },
    metric: "accuracy",
    epochs: [1, 2, 3],
  },
  desks: {
    folder: "desks",
    data: { train: "train.jsonl", validation: "validation.jsonl", test: "test.jsonl" },
    task: { kind: "classify" },
    metric: "accuracy",
    epochs: [1, 3, 6],
  },
  tickets: {
    folder: "tickets",
    data: { train: "train.jsonl", validation: "validation.jsonl", test: "test.jsonl", bad_rows: "skip" },
    task: { kind: "json" },
    metric: "json_match",
    evaluation: { max_new_tokens: 56 },
    epochs: [1, 3, 6],
  },
  text2sql: {
    folder: "text2sql",
    data: {
      ...{ train: "train.jsonl", validation: "dev.jsonl", test: "test.jsonl" },
      rows: { train: 600, validation: 60, test: 100 },
    },
    task: { kind: "text", metrics: ["sql_match", "perplexity"] },
    metric: "sql_match",
    evaluation: { max_new_tokens: 256 },
    epochs: [1, 2, 4],
  },
  gsm8k: {
    folder: "gsm8k",
    data: {
      ...{ train: "train.jsonl", test: "test.jsonl", columns: { prompt: "question", completion: "answer" } },
      rows: { train: 400, validation: 50, test: 100 },
    },
    task: { kind: "text", metrics: ["perplexity"] },
    metric: "perplexity",
    epochs: [1, 2, 3],
  },
  // The two below were not at hand when the rules were made: TREC's questions (six classes of answers), and slots of
  // SNIPS' requests as JSON, `{"intent": ..., slot: text}`.
  trec: {
    folder: "trec",
    data: { train: "train.jsonl", test: "test.jsonl", rows: { train: 600, validation: 100, test: 300 } },
    task: { kind: "classify" },
    metric: "accuracy",
    epochs: [1, 3, 6],
  },
  snips: {
    folder: "snips",
    data: {
      ...{ train: "train.jsonl", validation: "validation.jsonl", test: "test.jsonl" },
      rows: { train: 500, validation: 60, test: 100 },
    },
    task: { kind: "json" },
    metric: "json_match",
    evaluation: { max_new_tokens: 64 },
    epochs: [1, 3, 6],
  },
};

/** Rates of the grid for LoRA of a model of 135 million weights, around every rate that recipes of the field name. */
export const rates = [5e-4, 1e-3, 2e-3, 4e-3];
