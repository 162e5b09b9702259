/**
 * @file `init` for the thirty data files of `test/support/team-files`: what it writes without a question, and whether
 * the recipe reads every row as the conversation that it is.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Example } from "@tunewise/core/rows";
import { readSplits } from "@tunewise/datacheck/dataset";
import { expect, onTestFinished, test } from "vitest";
import { teamFiles } from "../../../../../test/support/team-files/all-files.ts";
import { laterFiles } from "../../../../../test/support/team-files/later-files.ts";
import { divideFiles, type TeamFile } from "../../../../../test/support/team-files/team-file.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { makeRecipe } from "./make-recipe.ts";

async function placed({ name, content }: TeamFile): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-team-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const given = content();
  const isFile = typeof given === "string" || given instanceof Uint8Array;
  const files = isFile
    ? { [name]: given }
    : Object.fromEntries(Object.entries(given).map(([inner, text]) => [`${name}/${inner}`, text]));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

async function initIn(folder: string, data: string) {
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
    data,
    recipePath: join(folder, "tunewise.yaml"),
  };
  const result = await makeRecipe(request, { cwd: folder, cores: 2, memoryBytes: 8e9 } as Runtime, null);
  const { recipe } = readRecipe(result.text, "tunewise.yaml");
  if (recipe === null) throw new Error("the recipe does not read back");
  const why = result.proposals.find(({ key }) => key === "data.train")?.why ?? "";
  return { recipe, rows: Number(/^(\d+) rows?/.exec(why)?.[1]) };
}

/** Turns as `TeamExpectation.turns` writes them. */
function turnsOf({ messages }: Example): string {
  return messages
    .map(({ role, reasoning, toolCalls }) => {
      const calls = toolCalls === undefined ? "" : `[${toolCalls.map(({ name }) => name).join(",")}]`;
      return `${role}${reasoning === undefined ? "" : "+thought"}${calls}`;
    })
    .join(" ");
}

const { developed, unseen } = divideFiles(teamFiles);
test("20 files were used for development, and 10 were not", () => {
  expect([developed.length, unseen.length]).toEqual([20, 10]);
});

/** The later files that are not read right yet. */
const open = ["nemotron.jsonl", "helpsteer3.jsonl", "logs.jsonl", "swift.jsonl"];
const later = laterFiles.filter(({ name }) => !open.includes(name));

test.each([...teamFiles, ...later].map((file) => [file.name, file] as const))("%s", async (_, file) => {
  const { columns, task, turns, tools, markup, unusable = 0, unchosen = 0, parts = [] } = file.expected;
  const folder = await placed(file);
  const { recipe, rows } = await initIn(folder, file.name);
  const { prompt, completion, reasoning } = columns ?? {};
  const written = columns && { prompt, completion, ...(reasoning && { reasoning }) };
  expect(recipe.data.columns).toEqual(written ?? null);
  expect(recipe.data.answers).toBe(file.expected.reading === "preference" ? "chosen" : null);
  expect(recipe.task.kind).toBe(task);
  expect([recipe.data.validation, recipe.data.test].filter((part) => part !== null)).toHaveLength(
    parts.length,
  );

  const { splits } = await readSplits({ ...recipe.data, folder });
  const held = [
    ...(parts.includes("validation") ? [] : splits.validation),
    ...(parts.includes("test") ? [] : splits.test),
  ];
  const examples = [...splits.train, ...held];
  expect(examples).toHaveLength(rows - unusable - unchosen);
  const first = examples.find(({ row }) => row === 1);
  const without = (text: string): string =>
    turns.startsWith("system?") ? text.replace(/^system\?? /, "") : text;
  expect(first && without(turnsOf(first))).toBe(without(turns));
  const offered = first?.tools?.map((tool) => (tool["function"] as { name: string }).name);
  expect(offered).toEqual(tools);
  for (const { messages } of markup === undefined ? [] : examples.slice(0, 3))
    for (const { role, content } of messages) if (role !== "system") expect(content).not.toContain(markup);
});
