/**
 * @file The tasks that default settings are evaluated on: a beginner's recipe for each, and the grid to compare with.
 *
 * Every recipe names only model, data, columns, task and the number of rows; the defaults of all other settings are
 * what is evaluated. Forgetting and safety are not measured, so that the time goes to training.
 */

/** `folder` is beside the recipe; docs/benchmarks.md describes its content. */
export const tasks = {
  "banking77-800": {
    folder: "banking77",
    data: {
      train: "train.csv",
      test: "test.csv",
      columns: { prompt: "text", completion: "category" },
      rows: { train: 800, validation: 100, test: 300 },
    },
    task: { kind: "classify" },
    metric: "accuracy",
    epochs: [1, 3, 6],
  },
  "banking77-3000": {
    folder: "banking77",
    data: {
      train: "train.csv",
      test: "test.csv",
      columns: { prompt: "text", completion: "category" },
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
      train: "train.jsonl",
      validation: "dev.jsonl",
      test: "test.jsonl",
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
      train: "train.jsonl",
      test: "test.jsonl",
      columns: { prompt: "question", completion: "answer" },
      rows: { train: 400, validation: 50, test: 100 },
    },
    task: { kind: "text", metrics: ["perplexity"] },
    metric: "perplexity",
    epochs: [1, 2, 3],
  },
  // The two tasks below were not used to develop the rules: TREC questions (six classes as answers), and slots of SNIPS
  // requests as JSON, `{"intent": ..., slot: text}`.
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
      train: "train.jsonl",
      validation: "validation.jsonl",
      test: "test.jsonl",
      rows: { train: 500, validation: 60, test: 100 },
    },
    task: { kind: "json" },
    metric: "json_match",
    evaluation: { max_new_tokens: 64 },
    epochs: [1, 3, 6],
  },
};

/** Rates of the grid for LoRA of a model with 135 million weights, around the rates common in published recipes. */
export const rates = [5e-4, 1e-3, 2e-3, 4e-3];
