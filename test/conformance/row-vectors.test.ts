/** Vectors of rows: made once by the recipe's model, kept, and left out where rows are too many. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rowEmbedder } from "../../src/prepare/row-vectors.ts";
import { readRecipe } from "../../src/recipe/index.ts";
import { createRuntime } from "../../src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const golden = new URL("golden/embed/", import.meta.url).pathname;
const folder = temporaryFolder();
const runtime = createRuntime(folder, new AbortController().signal, "test");

function embedderOf(retrieval: string): ReturnType<typeof rowEmbedder> {
  const text = `model: some/model\ndata: { train: a.jsonl }\noutput: out\n${retrieval}`;
  const { recipe } = readRecipe(text, "tunewise.yaml");
  if (recipe === null) throw new Error("the recipe does not read");
  return rowEmbedder(recipe, folder, runtime);
}

test("finds the nearest rows, and makes each vector once", async () => {
  const texts = ["a cat sat", "two dogs ran home", "a cat sat down"];
  const embed = embedderOf(`retrieval: { embedding: { model: ${golden}bert-mean } }`);
  const near = (await embed?.(texts))?.near?.(texts);
  expect(near?.nearest("two dogs ran home", 2)[0]).toBe(1);
  expect(near?.between("two dogs ran home", 1)).toBeCloseTo(1, 5);
  expect(near?.between("a cat sat", 1)).toBeCloseTo(near?.between("two dogs ran home", 0) ?? 0, 5);
  const place = join(folder, "out", "rows");
  const size = (): number => statSync(join(place, readdirSync(place)[0] ?? "", "vectors.bin")).size;
  const before = size();
  await embed?.(texts);
  expect(size()).toBe(before);
  await embed?.([...texts, "one more"]);
  expect(size()).toBeGreaterThan(before);
});

test("of too many rows no vectors are made, and none are asked of an API or without a model", async () => {
  const embed = embedderOf("retrieval: { embedding: { model: missing } }");
  const many = Array.from({ length: 10_001 }, (_, at) => `row ${at}`);
  expect(await embed?.(many)).toEqual({ near: null, most: 10_000 });
  await expect(embed?.(["one"])).rejects.toMatchObject({ code: expect.stringMatching(/^MODEL_/) });
  expect(embedderOf("")).toBeUndefined();
});
