/** @file `init` for conversations: trained turns, rows that are not supported yet, and files with too few rows. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { makeRecipe } from "./make-recipe.ts";

type Turn = Readonly<Record<string, unknown>>;

const user = (content: unknown): Turn => ({ role: "user", content });
const assistant = (content: unknown, more: object = {}): Turn => ({ role: "assistant", content, ...more });
const sound = user([{ type: "input_audio", input_audio: {} }]);
const image = user([
  { type: "image_url", image_url: { url: "https://x/y.png" } },
  { type: "text", text: "What?" },
]);

async function made(rows: readonly (readonly Turn[])[], name = "c.jsonl") {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-init-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), rows.map((messages) => `${JSON.stringify({ messages })}\n`).join(""));
  const request = {
    model: null,
    usdPerHour: null,
    budgetUsd: null,
    budgetMinutes: null,
    prompt: null,
    completion: null,
    kind: null,
    schema: "s.json",
    shown: "tunewise.yaml",
    data: name,
    recipePath: join(folder, "tunewise.yaml"),
  };
  const runtime = { cwd: folder, cores: 2, memoryBytes: 8e9 } as Runtime;
  const result = await makeRecipe(request, runtime, null);
  const { recipe, problems } = readRecipe(result.text, "tunewise.yaml");
  expect(problems).toEqual([]);
  const why = (key: string): string => result.proposals.find((one) => one.key === key)?.why ?? "";
  return { ...result, recipe, why };
}

const plain = (at: number): Turn[] => [user(`Question ${at}?`), assistant(`Answer ${at}.`)];
const many = (count: number): Turn[][] => Array.from({ length: count }, (_, at) => plain(at));

test("the recipe says which turns are trained, with the count and the other choice", async () => {
  const rows = many(48).map((turns, at) => [...turns, user("And?"), assistant(`ok ${at}`)]);
  const { text, recipe, why } = await made(rows);
  expect(text).toContain("  # Answers of a conversation that are trained: all, or the last only.");
  expect(text).toContain("\n  train_on: all\n");
  expect(recipe?.data.trainOn).toBe("all");
  expect(why("data.train_on")).toBe(
    "every answer is trained, 96 in 48 rows; `last` trains only the last of each",
  );
});

test("weights are counted, and a row may end with context", async () => {
  const rows = many(20).map((turns) => [...turns, user("And?"), assistant("ok", { weight: 0 })]);
  const { why } = await made(rows);
  expect(why("data.train_on")).toContain("20 in 20 rows; 20 answers of weight 0 stay context");
});

test("rows with images and audio are counted with their numbers, and the rest is used", async () => {
  const rows = many(102);
  rows[16] = [sound, assistant("A bell.")];
  rows[62] = [sound, assistant("A horn.")];
  rows[70] = [image, assistant("A cat.")];
  const { recipe, why } = await made(rows);
  expect(recipe?.data.badRows).toBe("skip");
  expect(why("data.bad_rows")).toBe(
    "3 of 102 rows cannot be used: rows 17, 63, 71 (messages[0].content[0] is audio)",
  );
});

test("more faulty rows than are skipped are a note with their numbers", async () => {
  const rows = many(20);
  for (const at of [2, 4, 6]) rows[at] = [user("Nobody answers")];
  const { recipe, notes } = await made(rows);
  expect(recipe?.data.badRows).toBe("error");
  expect(notes).toEqual([
    "c.jsonl: 3 of 20 rows cannot be used: rows 3, 5, 7 (has no answer); tunewise check lists them",
  ]);
});

test.each([
  [1, "c.jsonl has 1 usable row"],
  [4, "c.jsonl has 4 usable rows"],
])("%i rows cannot be split", async (count, message) => {
  await expect(made(many(count))).rejects.toMatchObject({
    code: "INIT_TOO_FEW_ROWS",
    message: expect.stringContaining(message),
    fix: expect.stringContaining("until it has 5"),
  });
});

test("five rows can", async () => {
  expect((await made(many(5))).recipe?.data.trainOn).toBe("all");
});
