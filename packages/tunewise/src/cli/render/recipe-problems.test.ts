import { describe, expect, it } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import { paint } from "./paint.ts";
import { findingsText } from "./problem.ts";

const MINIMAL = "model: owner/name\ndata:\n  train: rows.jsonl\n";

/** Terminal output for a recipe, without colors. */
function shown(text: string): string {
  return findingsText(readRecipe(text, "tunewise.yaml").problems, paint(false));
}

describe("a recipe with", () => {
  it("an unknown key with a near one", () => {
    expect(shown(`${MINIMAL}training:\n  learning_rat: 1e-4\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: \`training\` has no key \`learning_rat\`.
        tunewise.yaml:5:3
          5 |   learning_rat: 1e-4
            |   ^
        fix: did you mean \`learning_rate\`?

      1 error"
    `);
  });

  it("an unknown key that lives in another section", () => {
    expect(shown(`${MINIMAL}training:\n  rank: 8\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: \`training\` has no key \`rank\`.
        tunewise.yaml:5:3
          5 |   rank: 8
            |   ^
        fix: move it to \`method\`

      1 error"
    `);
  });

  it("a key under another trainer's name", () => {
    expect(shown(`${MINIMAL}training:\n  per_device_train_batch_size: 8\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: \`training\` has no key \`per_device_train_batch_size\`.
        tunewise.yaml:5:3
          5 |   per_device_train_batch_size: 8
            |   ^
        fix: here it is called \`training.batch_size\`

      1 error"
    `);
  });

  it("an unknown key that resembles nothing", () => {
    expect(shown(`${MINIMAL}budget:\n  colour: red\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: \`budget\` has no key \`colour\`.
        tunewise.yaml:5:3
          5 |   colour: red
            |   ^
        fix: remove it; keys allowed here: usd, minutes

      1 error"
    `);
  });

  it("a credential in a recipe", () => {
    expect(shown(`${MINIMAL}hf_token: hf_abcdefgh12345678\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: A recipe has no key \`hf_token\`.
        tunewise.yaml:4:1
          4 | hf_token: ***
            | ^
        fix: remove the line: credentials come from the environment (HF_TOKEN), never from a recipe

      1 error"
    `);
  });

  it("a merge key, which YAML 1.2 does not know", () => {
    expect(shown(`${MINIMAL}budget:\n  <<: { usd: 1 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: \`budget\` has no key \`<<\`.
        tunewise.yaml:5:3
          5 |   <<: { usd: 1 }
            |   ^
        fix: remove it; keys allowed here: usd, minutes

      1 error"
    `);
  });

  it("a key given twice", () => {
    expect(shown(`${MINIMAL}method:\n  rank: 8\n  rank: 16\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_DUPLICATE: \`rank\` was already given in the same section.
        tunewise.yaml:6:3
          6 |   rank: 16
            |   ^
        fix: keep one of the two lines

      1 error"
    `);
  });

  it("a missing model", () => {
    expect(shown(`data:\n  train: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_MISSING: \`model\` is required: a hub id such as owner/name, a folder, a .gguf
        file, or a section with \`source\`.
        tunewise.yaml:1:1
          1 | data:
            | ^
        fix: add \`model: HuggingFaceTB/SmolLM2-135M-Instruct\`

      1 error"
    `);
  });

  it("missing training rows", () => {
    expect(shown(`model: owner/name\ndata:\n  test: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_MISSING: \`data.train\` is required: a file ending in .parquet, .arrow, .feather,
        .jsonl, .ndjson, .csv, .tsv, .tab, .json, .xlsx, .txt or .md (text also .gz or .zst), a folder
        ending in /, or a data set as hub:owner/name.
        tunewise.yaml:2:1
          2 | data:
            | ^
        fix: add \`train: train.jsonl\` below \`data:\`

      1 error"
    `);
  });

  it("a column that is not named", () => {
    expect(shown(`${MINIMAL}  columns: { prompt: question }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_MISSING: \`data.columns.completion\` is required: the name of the column that holds
        the answer.
        tunewise.yaml:4:3
          4 |   columns: { prompt: question }
            |   ^
        fix: add \`completion: NAME_OF_THE_COLUMN\` below \`columns:\`

      1 error"
    `);
  });

  it("an empty file", () => {
    expect(shown(``)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: A recipe must be a section with keys below it; found nothing.
        tunewise.yaml:1:1
        fix: tunewise init

      1 error"
    `);
  });

  it("a list in place of a recipe", () => {
    expect(shown(`- model: owner/name\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: A recipe must be a section with keys below it; found a list of 1.
        tunewise.yaml:1:1
          1 | - model: owner/name
            | ^
        fix: tunewise init

      1 error"
    `);
  });

  it("an empty section", () => {
    expect(shown(`${MINIMAL}budget:\nname: a\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`budget\` must be a section with keys below it; found nothing.
        tunewise.yaml:4:8
          4 | budget:
            |        ^
        fix: remove the line, or put keys below it

      1 error"
    `);
  });

  it("text in place of a section", () => {
    expect(shown(`model: owner/name\ndata: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`data\` must be a section with keys below it; found the text
        "rows.jsonl".
        tunewise.yaml:2:7
          2 | data: rows.jsonl
            |       ^
        fix: write \`data:\` and below it \`  train: train.jsonl\`

      1 error"
    `);
  });

  it("a number above its range", () => {
    expect(shown(`${MINIMAL}method:\n  rank: 4096\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`method.rank\` must be a whole number from 1 to 1024; found 4096.
        tunewise.yaml:5:9
          5 |   rank: 4096
            |         ^
        fix: write \`rank: 16\`, the default

      1 error"
    `);
  });

  it("a fraction where a whole number belongs", () => {
    expect(shown(`${MINIMAL}training: { batch_size: 2.5 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.batch_size\` must be a whole number from 1 to 4096; found
        2.5.
        tunewise.yaml:4:25
          4 | training: { batch_size: 2.5 }
            |                         ^
        fix: write \`batch_size: 8\`, the default

      1 error"
    `);
  });

  it("zero where something positive belongs", () => {
    expect(shown(`${MINIMAL}training: { learning_rate: 0 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.learning_rate\` must be a number above 0 and up to 10; found
        0.
        tunewise.yaml:4:28
          4 | training: { learning_rate: 0 }
            |                            ^
        fix: write a number above 0 and up to 10

      1 error"
    `);
  });

  it("a budget of nothing", () => {
    expect(shown(`${MINIMAL}budget: { usd: 0 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`budget.usd\` must be a number above 0 and up to 10,000,000; found 0.
        tunewise.yaml:4:16
          4 | budget: { usd: 0 }
            |                ^
        fix: write a number above 0 and up to 10,000,000

      1 error"
    `);
  });

  it("an alpha below zero", () => {
    expect(shown(`${MINIMAL}method: { alpha: -1 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`method.alpha\` must be a number above 0 and up to 100,000; found -1.
        tunewise.yaml:4:18
          4 | method: { alpha: -1 }
            |                  ^
        fix: write a number above 0 and up to 100,000

      1 error"
    `);
  });

  it("not a number", () => {
    expect(shown(`${MINIMAL}training: { learning_rate: .nan }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.learning_rate\` must be a number above 0 and up to 10; found
        NaN.
        tunewise.yaml:4:28
          4 | training: { learning_rate: .nan }
            |                            ^
        fix: write a number above 0 and up to 10

      1 error"
    `);
  });

  it("a number in quotes", () => {
    expect(shown(`${MINIMAL}training: { learning_rate: "1e-4" }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.learning_rate\` must be a number above 0 and up to 10; found
        the text "1e-4".
        tunewise.yaml:4:28
          4 | training: { learning_rate: "1e-4" }
            |                            ^
        fix: write \`learning_rate: 1e-4\`

      1 error"
    `);
  });

  it("a percentage", () => {
    expect(shown(`${MINIMAL}training: { warmup: 5% }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.warmup\` must be a number from 0 to 10,000,000; found the
        text "5%".
        tunewise.yaml:4:21
          4 | training: { warmup: 5% }
            |                     ^
        fix: write \`warmup: 0.05\`

      1 error"
    `);
  });

  it("a number with separators", () => {
    expect(shown(`${MINIMAL}training: { steps: 1_000 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`training.steps\` must be a whole number from 1 to 100,000,000; found
        the text "1_000".
        tunewise.yaml:4:20
          4 | training: { steps: 1_000 }
            |                    ^
        fix: write \`steps: 1000\`

      1 error"
    `);
  });

  it("a dollar sign", () => {
    expect(shown(`${MINIMAL}budget: { usd: $5 }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`budget.usd\` must be a number above 0 and up to 10,000,000; found the
        text "$5".
        tunewise.yaml:4:16
          4 | budget: { usd: $5 }
            |                ^
        fix: write \`usd: 5\`

      1 error"
    `);
  });

  it("yes for true", () => {
    expect(shown(`${MINIMAL}evaluation: { base: yes }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`evaluation.base\` must be true or false; found the text "yes".
        tunewise.yaml:4:21
          4 | evaluation: { base: yes }
            |                     ^
        fix: write \`base: true\`

      1 error"
    `);
  });

  it("a mistyped choice", () => {
    expect(shown(`${MINIMAL}training: { schedule: cosin }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CHOICE_UNKNOWN: \`training.schedule\` must be constant, linear or cosine; found the
        text "cosin".
        tunewise.yaml:4:23
          4 | training: { schedule: cosin }
            |                       ^
        fix: write \`schedule: cosine\`

      1 error"
    `);
  });

  it("a choice that resembles none", () => {
    expect(shown(`${MINIMAL}data2: 1\ntask: { kind: poem }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: A recipe has no key \`data2\`.
        tunewise.yaml:4:1
          4 | data2: 1
            | ^
        fix: did you mean \`data\`?

      error RECIPE_CHOICE_UNKNOWN: \`task.kind\` must be one of classify, json, tools, text or
        language-modeling; found the text "poem".
        tunewise.yaml:5:15
          5 | task: { kind: poem }
            |               ^
        fix: write \`kind: text\`, the default

      2 errors"
    `);
  });

  it("a training loss that does not exist", () => {
    expect(shown(`${MINIMAL}training: { loss: dpo }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CHOICE_UNKNOWN: \`training.loss\` must be nll or dft; found the text "dpo".
        tunewise.yaml:4:19
          4 | training: { loss: dpo }
            |                   ^
        fix: write \`loss: nll\`, the default

      1 error"
    `);
  });

  it("a mistyped metric in a list", () => {
    expect(shown(`${MINIMAL}task: { kind: classify, metrics: [acuracy] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_CHOICE_UNKNOWN: \`task.metrics[1]\` must be one of perplexity, bits_per_byte,
        exact_match, accuracy, macro_f1, json_valid, json_match, tool_calls, rouge_l, contains, regex,
        json_schema, sql_match, sql_execution or assertions; found the text "acuracy".
        tunewise.yaml:4:35
          4 | task: { kind: classify, metrics: [acuracy] }
            |                                   ^
        fix: write \`accuracy\`

      1 error"
    `);
  });

  it("a word where a list belongs", () => {
    expect(shown(`${MINIMAL}task: { kind: classify, labels: spam }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`task.labels\` must be a list of labels; found the text "spam".
        tunewise.yaml:4:33
          4 | task: { kind: classify, labels: spam }
            |                                 ^
        fix: write \`labels: [spam]\`

      1 error"
    `);
  });

  it("a target that is no name", () => {
    expect(shown(`${MINIMAL}method: { targets: [q_proj, 7] }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`method.targets[2]\` must be the name of a linear layer; found 7.
        tunewise.yaml:4:29
          4 | method: { targets: [q_proj, 7] }
            |                             ^
        fix: write the name of a linear layer

      1 error"
    `);
  });

  it("a data file of a kind that is not read", () => {
    expect(shown(`model: owner/name\ndata: { train: rows.xls }\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`data.train\` must be a file ending in .parquet, .arrow, .feather,
        .jsonl, .ndjson, .csv, .tsv, .tab, .json, .xlsx, .txt or .md (text also .gz or .zst), a folder
        ending in /, or a data set as hub:owner/name; found the text "rows.xls".
        tunewise.yaml:2:16
          2 | data: { train: rows.xls }
            |                ^
        fix: write \`train: train.jsonl\` below \`data:\`

      1 error"
    `);
  });

  it("a name with blanks", () => {
    expect(shown(`${MINIMAL}name: My Tickets\n`)).toMatchInlineSnapshot(`
      "error RECIPE_VALUE_INVALID: \`name\` must be lower-case words joined by hyphens, such as
        ticket-triage; found the text "My Tickets".
        tunewise.yaml:4:7
          4 | name: My Tickets
            |       ^
        fix: write lower-case words joined by hyphens, such as ticket-triage

      1 error"
    `);
  });

  it("several at once, in order of the file", () => {
    expect(
      shown(`modle: owner/name\ndata:\n  train: rows.jsonl\n  los: all\nmethod:\n  rank: many\n`),
    ).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: A recipe has no key \`modle\`.
        tunewise.yaml:1:1
          1 | modle: owner/name
            | ^
        fix: did you mean \`model\`?

      error RECIPE_KEY_UNKNOWN: \`data\` has no key \`los\`.
        tunewise.yaml:4:3
          4 |   los: all
            |   ^
        fix: did you mean \`loss\`?

      error RECIPE_VALUE_INVALID: \`method.rank\` must be a whole number from 1 to 1024; found the text
        "many".
        tunewise.yaml:6:9
          6 |   rank: many
            |         ^
        fix: write \`rank: 16\`, the default

      3 errors"
    `);
  });
});
