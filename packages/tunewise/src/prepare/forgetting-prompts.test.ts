/** @file Forgetting data of a recipe: shipped files, user files, samples, and the fingerprint. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { readRecipe, requireRecipe } from "../recipe/index.ts";
import {
  encodeForgettingPrompts,
  type ForgettingPrompts,
  readForgettingPrompts,
} from "./forgetting-prompts.ts";

const root = temporaryFolder();
const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const { tokenizer: file, config } = JSON.parse(readFileSync(golden, "utf8"));
const tokenizer = createTokenizer({ tokenizer: file, config, chatTemplate: null, endIds: [] });

async function materialOf(
  forgetting: string,
  files: Readonly<Record<string, string>> = {},
  limits = { contextLength: 2048, vocabulary: 1_000_000 },
): Promise<ForgettingPrompts | null> {
  const folder = mkdtempSync(join(root, "m-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const text = `model: a/b\ndata: { train: a.jsonl }\n${forgetting}`;
  const recipe = requireRecipe(readRecipe(text, "x"), "x");
  const raw = await readForgettingPrompts({
    recipe,
    text,
    path: join(folder, "x"),
    folder,
    findings: [],
    open: [],
    facts: null,
    derived: [],
  });
  return raw && encodeForgettingPrompts(raw, tokenizer, limits, recipe);
}

test("by default the shipped material in its usual size", async () => {
  const material = await materialOf("");
  expect(material?.texts).toHaveLength(20);
  expect(material?.choices).toHaveLength(208);
  expect(material?.prompts).toHaveLength(12);
  expect(material?.regressionPrompts).toEqual([]);
  expect(material?.sample).toEqual({ texts: [0, 3, 6, 10, 13, 16], choices: [], prompts: [0, 3, 6, 9] });
  expect(material?.findings).toEqual([]);
});

test("nothing where nothing is wanted", async () => {
  expect(await materialOf("forgetting: { measure: false }")).toBeNull();
  const material = await materialOf("forgetting: { tasks: none, prompts: none, rows: { text: null } }");
  expect([material?.texts.length, material?.choices.length, material?.prompts.length]).toEqual([60, 0, 0]);
});

test("files of the user's stand beside the recipe; what cannot be used is said", async () => {
  const material = await materialOf("forgetting: { text: mine.txt, regression_prompts: must.jsonl }", {
    "mine.txt": "One paragraph.\n\nAnother one.\n",
    "must.jsonl": '{"prompt": "a", "expected": "b"}\n{"prompt": "a"}\n',
  });
  expect(material?.texts).toHaveLength(2);
  expect(material?.regressionPrompts.map(({ prompt }) => prompt)).toEqual(["a"]);
  expect(material?.findings.map(({ code }) => code)).toEqual(["FORGETTING_EXPECTED_INVALID"]);
});

describe("is refused", () => {
  test("where a file is missing", async () => {
    await expect(materialOf("forgetting: { text: no.txt }")).rejects.toMatchObject({
      code: "DATA_FILE_NOT_FOUND",
    });
  });

  test("where no document has a token to score", async () => {
    await expect(materialOf("forgetting: { text: a.txt }", { "a.txt": "a" })).rejects.toMatchObject({
      code: "FORGETTING_FILE_EMPTY",
      message: expect.stringContaining("not one has two tokens"),
    });
  });

  test("where no document is left that the model has words for", async () => {
    const limits = { contextLength: 2048, vocabulary: 2 };
    await expect(materialOf("forgetting: { tasks: none }", {}, limits)).rejects.toMatchObject({
      code: "FORGETTING_FILE_EMPTY",
      message: expect.stringContaining("outside the model's vocabulary"),
    });
  });
});

describe("the fingerprint", () => {
  const files = { "a.txt": "One paragraph here.\n" };
  const of = async (more: string, content = files): Promise<string | undefined> =>
    (await materialOf(`forgetting: { text: a.txt ${more} }`, content))?.fingerprint;

  test("is the same for the same material, and changes with all that decides the figures", async () => {
    const plain = await of("");
    expect(await of("")).toBe(plain);
    expect(await of(", gate: fail, max_task_drop: 0.1, curve_rows: { text: 1 }")).toBe(plain);
    const others = await Promise.all([
      of(", tasks: none"),
      of(", rows: { tasks: 5 }"),
      of(", max_new_tokens: 5"),
      of("", { "a.txt": "Another paragraph here.\n" }),
    ]);
    expect(new Set([plain, ...others]).size).toBe(5);
  });
});
