/** @file Tests recipes for documents: their defaults, and settings about answers that conflict with them. */
import { expect, test } from "vitest";
import { effectiveConfiguration, readConfiguration } from "./configuration.ts";
import { readRecipe } from "./read.ts";

const recipe = (data: string, rest = "task: { kind: language-modeling }") =>
  readRecipe(`model: ./m\ndata: { train: t.jsonl${data} }\n${rest}\n`, "tunewise.yaml");
const objections = (data: string, rest?: string): string =>
  recipe(data, rest)
    .problems.map(({ code, detail, fix }) => `${code} ${detail} | ${fix}`)
    .join("\n");

test("the kind implies the format and the metrics, and a record of it reads back", () => {
  const { recipe: read, problems } = recipe("");
  expect(problems).toEqual([]);
  expect(read?.data).toMatchObject({ format: "text", textColumn: null, sampleBy: "document" });
  expect(read?.task.metrics).toEqual(["perplexity", "bits_per_byte"]);
  if (read === null) return;
  const again = readConfiguration(effectiveConfiguration(read), "x");
  expect(again.problems).toEqual([]);
  expect(again.recipe?.data.format).toBe("text");
});

test.each([
  [", format: text", ""],
  [", text_column: body, sample_by: line", ""],
  [", format: chat", "Rows in this format have answers"],
  [", columns: { prompt: a, completion: b }", "documents have one column. | name it as `text_column: NAME`"],
  [", answers: chosen", "no answers to choose from"],
  [", system: Be brief.", "trained without a chat template"],
  [', prompt_template: "Q: {prompt}"', "no prompt to put into a template"],
  [", overflow: drop", "divided into blocks, and nothing is cut or dropped. | remove the line"],
  [", train_on: last", "no turns"],
  [", reasoning: mask", "every token is trained"],
])("data%s", (data, words) => {
  const found = objections(data);
  if (words === "") expect(found).toBe("");
  else {
    expect(found).toMatch(/^RECIPE_CONFLICT /);
    expect(found).toContain(words);
  }
});

test.each([
  ["task: { kind: language-modeling, metrics: [perplexity, rouge_l] }", "`rouge_l` scores answers"],
  [
    "task: { kind: language-modeling }\ncomparison: [{ model: base }]",
    "answer questions, and documents ask none",
  ],
  ["task: { kind: language-modeling }\nevaluation: { decoding: constrained }", "Nothing is decoded"],
  ["task: { kind: language-modeling, labels: [a, b] }", "Labels belong to the kind `classify`"],
  ["task: { kind: text, metrics: [bits_per_byte] }", "judges the kind `language-modeling`"],
  ["task: { kind: documents }", "write `kind: language-modeling`"],
  ["task: { kind: continued-pretraining }", "language-modeling"],
])("%s", (rest, words) => {
  expect(objections("", rest)).toContain(words);
});

test.each([
  [", format: text", "have no answers, and the kind is `text`"],
  [", text_column: body", "trains on answers"],
  [", sample_by: line", "`sample_by` divides documents"],
])("settings for documents in another recipe: data%s", (data, words) => {
  const found = objections(data, "");
  expect(found).toContain(words);
  expect(found).toContain("write `kind: language-modeling` below `task`");
});
