/**
 * Settings that only the worker supports: parsed, rejected if they have no effect, and omitted from older
 * configurations.
 */
import { expect, test } from "vitest";
import { effectiveConfiguration } from "./configuration.ts";
import { hyperparametersOf } from "./hyperparameters.ts";
import { readRecipe } from "./read.ts";
import { workerKeys } from "./worker-keys.ts";

const start = "model: ./m\ndata: { train: t.jsonl }\n";

function read(text: string) {
  const { recipe, problems } = readRecipe(`${start}${text}\n`, "tunewise.yaml", "r");
  if (recipe === null) throw new Error(problems.map(({ detail, fix }) => `${detail} | ${fix}`).join("\n"));
  return recipe;
}

const patterns = String.raw`{ "layers\\.[01]\\.Some_proj": 8, down_proj: 4 }`;

test.each<[string, string[]]>([
  ["", []],
  ["method: { dora: false, rank_pattern: {}, alpha_pattern: {} }", []],
  ["training: { optimizer: sgd }", []],
  ["method: { dora: true }", ["method.dora"]],
  [
    `method: { kind: qlora, rank_pattern: ${patterns}, alpha_pattern: { q_proj: 2 } }`,
    ["method.rank_pattern", "method.alpha_pattern"],
  ],
  ["training: { optimizer: adamw-8bit }", ["training.optimizer"]],
  ["method: { kind: full }\ntraining: { master_dtype: bfloat16 }", ["training.master_dtype"]],
  ["training: { master_dtype: float32 }", []],
  [
    "method: { dora: true }\ntraining: { optimizer: paged-adamw-8bit }",
    ["method.dora", "training.optimizer"],
  ],
])("%s", (text, keys) => {
  const recipe = read(text);
  expect(workerKeys(recipe)).toEqual(keys);
  expect(readRecipe(effectiveConfiguration(recipe), "configuration.json").recipe).toEqual(recipe);
});

test("patterns stay as they are written", () => {
  const { method } = read(`method: { rank_pattern: ${patterns} }`);
  expect(method.rankPattern).toEqual({ "layers\\.[01]\\.Some_proj": 8, down_proj: 4 });
  expect(JSON.parse(effectiveConfiguration(read(`method: { rank_pattern: ${patterns} }`))).method).toEqual(
    expect.objectContaining({ rank_pattern: method.rankPattern }),
  );
});

test("a recipe without them has the configuration that it had before they came", () => {
  const { method, training } = JSON.parse(effectiveConfiguration(read("")));
  expect(training).not.toHaveProperty("master_dtype");
  expect(Object.keys(method)).toEqual([
    ...[
      "alpha",
      "calibrate",
      "double_quantization",
      "dropout",
      "freeze",
      "kind",
      "rank",
      "rslora",
      "targets",
    ],
  ]);
});

test("records have PEFT's names", () => {
  const named = hyperparametersOf(read("method: { dora: true, rank_pattern: { q_proj: 2 } }"));
  expect(named).toMatchObject({ use_dora: "True", rank_pattern: '{"q_proj":2}' });
  expect(named).not.toHaveProperty("alpha_pattern");
  expect(hyperparametersOf(read(""))).not.toHaveProperty("use_dora");
});

test.each([
  ["method: { kind: full, dora: true }", "remove `dora`, or write `kind: lora`"],
  ["method: { kind: full, rank_pattern: { q_proj: 2 } }", "`rank_pattern` is about adapters"],
  ["method: { dora: true }\nregularization: ewc", "write `regularization: replay`"],
  ["method: { dora: true }\nregularization: { method: l2-sp }", "The penalty of `l2-sp` is on B A"],
  ["method: { rank_pattern: { q_proj: 0 } }", "a whole number from 1 to 1024"],
  ["training: { master_dtype: bfloat16 }", "write `kind: full`"],
  [
    "method: { kind: full }\ntraining: { master_dtype: bfloat16, precision: fp32 }",
    "write `precision: bf16`, or `master_dtype: float32`",
  ],
  ["training: { master_dtype: float16 }", "bfloat16"],
  ["training: { precision: fp8 }", "auto, bf16 or fp32"],
  ["method: { rank_pattern: 8 }", "ranks by module, such as { down_proj: 32 }"],
  ["training: { optimizer: adam-8bit }", "adamw-8bit"],
  ["search: { space: { training.optimizer: [adamw, adamw-8bit] } }", "list only `adamw` and `sgd`"],
])("%s is refused", (text, words) => {
  expect(() => read(text)).toThrow(words);
});
