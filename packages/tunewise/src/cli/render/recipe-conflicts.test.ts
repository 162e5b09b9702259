import { describe, expect, it } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import { paint } from "./paint.ts";
import { findingsText } from "./problem.ts";

const MINIMAL = "model: owner/name\ndata:\n  train: rows.jsonl\n";

/** Terminal output for a recipe, without colors. */
function shown(text: string): string {
  return findingsText(readRecipe(text, "tunewise.yaml").problems, paint(false));
}

describe("a recipe with settings that clash:", () => {
  it("shares that leave nothing", () => {
    expect(shown(`${MINIMAL}  split: { validation: 0.5, test: 0.5 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The shares of validation (0.5) and test (0.5) leave no row to train on.
        tunewise.yaml:4:10
          4 |   split: { validation: 0.5, test: 0.5 }
            |          ^
        fix: write shares whose sum is below 1, such as 0.1 and 0.1

      1 error"
    `);
  });

  it("test rows from two places", () => {
    expect(shown(`${MINIMAL}  test: test.jsonl\n  split: { test: 0.2 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The test rows come from test.jsonl and, by a share of 0.2, also from the
        training rows.
        tunewise.yaml:5:18
          5 |   split: { test: 0.2 }
            |                  ^
        fix: remove \`data.split.test\`, or remove \`data.test\`

      1 error"
    `);
  });

  it("test rows that are the training rows", () => {
    expect(shown(`${MINIMAL}  test: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The test rows are the training rows: memorized rows would count as learned.
        tunewise.yaml:4:9
          4 |   test: rows.jsonl
            |         ^
        fix: remove the line; a share of \`train\` is then set aside (\`data.split.test\`)

      1 error"
    `);
  });

  it("a table without columns", () => {
    expect(shown(`${MINIMAL}  format: table\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The format \`table\` needs to know which columns hold prompt and answer.
        tunewise.yaml:4:11
          4 |   format: table
            |           ^
        fix: add below \`data:\` the line \`columns: { prompt: NAME, completion: NAME }\`

      1 error"
    `);
  });

  it("columns of something that is no table", () => {
    expect(
      shown(`${MINIMAL}  format: chat\n  columns: { prompt: a, completion: b }\n`),
    ).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: Columns are read from tables, and the format is \`chat\`.
        tunewise.yaml:5:12
          5 |   columns: { prompt: a, completion: b }
            |            ^
        fix: remove \`columns\`, or write \`format: table\`

      1 error"
    `);
  });

  it("a template without a prompt", () => {
    expect(shown(`${MINIMAL}  prompt_template: "Answer briefly."\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The prompt template has no {prompt} or {column} in it, so every row would
        ask the same.
        tunewise.yaml:4:20
          4 |   prompt_template: "Answer briefly."
            |                    ^
        fix: put {prompt} where the row's prompt belongs

      1 error"
    `);
  });

  it("a warm-up longer than the run", () => {
    expect(shown(`${MINIMAL}training: { steps: 100, warmup: 200 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The warm-up of 200 steps does not end within the run's 100.
        tunewise.yaml:4:33
          4 | training: { steps: 100, warmup: 200 }
            |                                 ^
        fix: write \`warmup: 0.05\` for a twentieth of the run

      1 error"
    `);
  });

  it("a warm-up of a step and a half", () => {
    expect(shown(`${MINIMAL}training: { warmup: 1.5 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: A warm-up above 1 counts steps, and 1.5 is not a whole number of them.
        tunewise.yaml:4:21
          4 | training: { warmup: 1.5 }
            |                     ^
        fix: write \`warmup: 2\`

      1 error"
    `);
  });

  it("a split by time without a column of times", () => {
    expect(shown(`${MINIMAL}  split: { by: time }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The split puts the latest rows into the test set, and no column says when a
        row was written.
        tunewise.yaml:4:16
          4 |   split: { by: time }
            |                ^
        fix: add below \`data:\` the line \`time: COLUMN\`

      1 error"
    `);
  });

  it("groups that no column names", () => {
    expect(shown(`${MINIMAL}  split: { by: group }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The split keeps groups together, and no column says which rows belong to
        one.
        tunewise.yaml:4:16
          4 |   split: { by: group }
            |                ^
        fix: add below \`data:\` the line \`group: COLUMN\`

      1 error"
    `);
  });

  it("a finding that is none", () => {
    expect(shown(`${MINIMAL}checks: { error: [DATA_LEEK] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: No finding has the code DATA_LEEK.
        tunewise.yaml:4:18
          4 | checks: { error: [DATA_LEEK] }
            |                  ^
        fix: did you mean DATA_LEAK?

      1 error"
    `);
  });

  it("a finding that is two things at once", () => {
    expect(shown(`${MINIMAL}checks: { error: [DATA_LEAK], ignore: [DATA_LEAK] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The code DATA_LEAK is listed twice.
        tunewise.yaml:4:39
          4 | checks: { error: [DATA_LEAK], ignore: [DATA_LEAK] }
            |                                       ^
        fix: keep one of them

      1 error"
    `);
  });

  it("labels of a task that has none", () => {
    expect(shown(`${MINIMAL}task: { kind: json, labels: [a, b] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: Labels belong to the kind \`classify\`, and the kind is \`json\`.
        tunewise.yaml:4:29
          4 | task: { kind: json, labels: [a, b] }
            |                             ^
        fix: write \`kind: classify\`, or remove \`labels\`

      1 error"
    `);
  });

  it("one label", () => {
    expect(shown(`${MINIMAL}task: { kind: classify, labels: [spam] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: With one label there is nothing to classify.
        tunewise.yaml:4:33
          4 | task: { kind: classify, labels: [spam] }
            |                                 ^
        fix: list every label, or remove the line to take those of the training rows

      1 error"
    `);
  });

  it("a label twice", () => {
    expect(shown(`${MINIMAL}task: { kind: classify, labels: [spam, ham, spam] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The label "spam" is listed twice.
        tunewise.yaml:4:45
          4 | task: { kind: classify, labels: [spam, ham, spam] }
            |                                             ^
        fix: keep one of them

      1 error"
    `);
  });

  it("a metric of another kind of task", () => {
    expect(shown(`${MINIMAL}task: { kind: text, metrics: [accuracy] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: \`accuracy\` judges the kind \`classify\`, and the kind is \`text\`.
        tunewise.yaml:4:31
          4 | task: { kind: text, metrics: [accuracy] }
            |                               ^
        fix: write \`kind: classify\`, or remove \`accuracy\` from \`task.metrics\`

      1 error"
    `);
  });

  it("a metric twice", () => {
    expect(shown(`${MINIMAL}task: { metrics: [rouge_l, rouge_l] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The metric \`rouge_l\` is listed twice.
        tunewise.yaml:4:18
          4 | task: { metrics: [rouge_l, rouge_l] }
            |                  ^
        fix: keep one of them

      1 error"
    `);
  });

  it("no metric", () => {
    expect(shown(`${MINIMAL}task: { metrics: [] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: No metric is left.
        tunewise.yaml:4:18
          4 | task: { metrics: [] }
            |                  ^
        fix: remove the line for the defaults

      1 error"
    `);
  });

  it("no layer to train", () => {
    expect(shown(`${MINIMAL}method: { targets: [] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: No layer is left to train.
        tunewise.yaml:4:20
          4 | method: { targets: [] }
            |                    ^
        fix: write \`targets: all-linear\`

      1 error"
    `);
  });

  it("the best checkpoint without validation rows", () => {
    expect(
      shown(`${MINIMAL}  split: { validation: 0 }\ntraining: { checkpoint_selection: best }\n`),
    ).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: The best checkpoint is found by validation loss, and no rows are set aside
        for it.
        tunewise.yaml:5:35
          5 | training: { checkpoint_selection: best }
            |                                   ^
        fix: write \`checkpoint_selection: last\`, or give \`data.split.validation\` a share above 0

      1 error"
    `);
  });

  it("evaluations without validation rows", () => {
    expect(
      shown(`${MINIMAL}  split: { validation: 0 }\ntraining: { evaluate_every: 5 }\n`),
    ).toMatchInlineSnapshot(`
      "error RECIPE_CONFLICT: There are no validation rows to evaluate on.
        tunewise.yaml:5:29
          5 | training: { evaluate_every: 5 }
            |                             ^
        fix: give \`data.split.validation\` a share above 0, or remove the line

      1 error"
    `);
  });

  it("a cap in dollars where nothing costs any", () => {
    expect(shown(`${MINIMAL}budget: { usd: 5 }\n`)).toMatchInlineSnapshot(`
      "warning RECIPE_SETTING_DOUBTFUL: A cap in dollars never acts here: the machine has no price
        (\`machine.usd_per_hour\`), and no paid API is asked.
        tunewise.yaml:4:16
          4 | budget: { usd: 5 }
            |                ^
        fix: write the price as \`machine.usd_per_hour\` (0 where it is free), or cap \`budget.minutes\`

      1 warning"
    `);
  });

  it("a learning rate for another optimizer", () => {
    expect(shown(`${MINIMAL}training: { learning_rate: 0.5 }\n`)).toMatchInlineSnapshot(`
      "warning RECIPE_SETTING_DOUBTFUL: A learning rate of 0.5 nearly always makes AdamW diverge.
        tunewise.yaml:4:28
          4 | training: { learning_rate: 0.5 }
            |                            ^
        fix: write \`learning_rate: 0.0002\`; LoRA likes 1e-4 to 5e-4

      1 warning"
    `);
  });

  it("nucleus sampling without a temperature", () => {
    expect(shown(`${MINIMAL}evaluation: { top_p: 0.9 }\n`)).toMatchInlineSnapshot(`
      "warning RECIPE_SETTING_DOUBTFUL: \`top_p\` has no effect at temperature 0, which always takes the
        likeliest token.
        tunewise.yaml:4:22
          4 | evaluation: { top_p: 0.9 }
            |                      ^
        fix: remove the line, or write \`temperature: 0.7\`

      1 warning"
    `);
  });
});

describe("forgetting:", () => {
  it.each([
    [
      "training: { checkpoint_selection: best-tradeoff }\nforgetting: { measure: false }",
      "needs forgetting to be measured",
    ],
    [
      "training: { checkpoint_selection: best-tradeoff }\nforgetting: { every_checkpoint: false }",
      "at each checkpoint",
    ],
    ["forgetting: { measure: false, gate: fail }", "The gate `fail` never acts"],
    ["forgetting: { text: rows.csv }", "general, or a file ending in .txt or .jsonl"],
    ["forgetting: { regression_prompts: prompts.txt }", "a file ending in .jsonl"],
    ["forgetting: { gate: stop }", "off, warn, fail or strict"],
    ["forgetting: { rows: { text: 0 } }", "a whole number from 1"],
  ])("%s", (lines, words) => {
    expect(shown(`${MINIMAL}${lines}\n`).replace(/\s+/g, " ")).toContain(words);
  });

  it("the trade-off without rows to see the gain on", () => {
    const split = "  split: { validation: 0 }\n";
    expect(shown(`${MINIMAL}${split}training: { checkpoint_selection: best-tradeoff }\n`)).toContain(
      "needs validation rows",
    );
  });

  it("nothing to say where all is well", () => {
    expect(
      shown(
        `${MINIMAL}training: { checkpoint_selection: best-tradeoff }\nforgetting: { tasks: none, rows: { text: null } }\n`,
      ),
    ).toBe("");
  });
});
