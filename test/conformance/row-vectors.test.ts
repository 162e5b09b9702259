/** Vectors of rows: computed once by the recipe's model, cached, and skipped if there are too many rows. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { rowEmbedder } from "../../packages/tunewise/src/prepare/row-vectors.ts";
import { readRecipe } from "../../packages/tunewise/src/recipe/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const golden = new URL("golden/embed/", import.meta.url).pathname;
const folder = temporaryFolder();
const runtime = createRuntime(folder, new AbortController().signal, "test");

function embedderOf(retrieval: string, by: Runtime = runtime): ReturnType<typeof rowEmbedder> {
  const text = `model: some/model\ndata: { train: a.jsonl }\noutput: out\n${retrieval}`;
  const { recipe } = readRecipe(text, "tunewise.yaml");
  if (recipe === null) throw new Error("the recipe does not read");
  return rowEmbedder(recipe, folder, by);
}

test("finds the nearest rows, and makes each vector once", async () => {
  const texts = ["a cat sat", "two dogs ran home", "a cat sat down"];
  const embed = embedderOf(`retrieval: { embedding: { model: ${golden}bert-mean } }`);
  const made = await embed?.(texts);
  const near = made && "near" in made ? made.near(texts) : undefined;
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
  expect(await embed?.(many)).toEqual({ reason: "they are more than 10000" });
  await expect(embed?.(["one"])).rejects.toMatchObject({ code: expect.stringMatching(/^MODEL_/) });
  expect(embedderOf("")).toBeUndefined();
  const endpoint = "retrieval: { embedding: { endpoint: { url: http://127.0.0.1:9/v1, model: m } } }";
  expect(embedderOf(endpoint)).toBeUndefined();
});

test("no more than four minutes are spent at a time, and what was made is kept", async () => {
  let seconds = 0;
  const slow = {
    ...runtime,
    elapsedSeconds: () => {
      seconds += 100;
      return seconds;
    },
  };
  const texts = Array.from({ length: 1000 }, (_, at) => `row number ${at}`);
  const embed = embedderOf(`retrieval: { embedding: { model: ${golden}bert-mean } }`, slow);
  expect(await embed?.(texts)).toEqual({
    reason: expect.stringMatching(/^240 s made vectors of [1-9]\d* of them/),
  });
  expect(await embedderOf(`retrieval: { embedding: { model: ${golden}bert-mean } }`)?.(texts)).toHaveProperty(
    "near",
  );
});

test("while another process makes them words alone are compared", async () => {
  const place = join(folder, "out", "rows");
  const [name = ""] = readdirSync(place);
  const lock = await takeLock(join(place, name, "lock"), runtime.processes, runtime.now(), "other");
  const embed = embedderOf(`retrieval: { embedding: { model: ${golden}bert-mean } }`);
  expect(await embed?.(["never seen before"])).toEqual({ reason: "another process is making their vectors" });
  await lock.release();
});
