import { expect, test } from "vitest";
import { readRecipe } from "./read.ts";

const start = "model: ./m\ndata: { train: t.jsonl }\n";
const endpoint = "{ url: http://127.0.0.1:9/v1, model: v }";

const objections = (text: string): string =>
  readRecipe(`${start}${text}\n`, "tunewise.yaml")
    .problems.map(({ detail, fix }) => `${detail} | ${fix}`)
    .join("\n");

test.each([
  ["retrieval: { method: lexical, embedding: { model: ./e } }", "uses words only. | remove `method`"],
  ["retrieval: { method: dense, embedding: {} }", "neither a model nor an endpoint"],
  [
    `retrieval: { method: dense, embedding: { model: ./e, endpoint: ${endpoint} } }`,
    "a model and an endpoint",
  ],
  [
    `retrieval: { method: hybrid, embedding: { endpoint: ${endpoint.replace(" }", ", style: anthropic }")} } }`,
    "Anthropic's API makes no vectors",
  ],
  ["comparison: [{ model: local }]", "does not name a file. | add `file: FILE.gguf`"],
  ["comparison: [{ model: base, file: ./m.gguf }]", "of `model: base`"],
  ["comparison: [{ model: local, file: ./m.bin }]", "ends in .gguf"],
  ["retrieval: { rerank: { model: ./r, passages: 1 } }", "from 2 to 1000"],
])("%s", (text, words) => {
  expect(objections(text)).toContain(words);
});

test.each([
  ["", "lexical"],
  ["retrieval: { words: 100 }", "lexical"],
  ["retrieval: { embedding: { model: ./e } }", "hybrid"],
  ["retrieval: { method: dense, embedding: { model: ./e } }", "dense"],
])("%s retrieves by the %s method", (text, method) => {
  expect(readRecipe(`${start}${text}\n`, "tunewise.yaml").recipe?.retrieval.method).toBe(method);
});

test.each([
  "retrieval: { method: hybrid, embedding: { model: ./e, query_prefix: 'q: ' }, rerank: { model: ./r } }",
  `retrieval: { method: dense, embedding: { endpoint: ${endpoint} } }`,
  "retrieval: { embedding: { model: ./e } }",
  "comparison: [{ model: local, file: ./m.gguf, examples: [0, 4] }]",
])("nothing is wrong with %s", (text) => {
  expect(objections(text)).toBe("");
});
