/** @file `tunewise data show` from the terminal: a file without a recipe, one row as JSON, a page, and what it refuses. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { project, recipe, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();
const model = resolve("models/small");

const turns = (...contents: readonly string[]) => ({
  messages: contents.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })),
});
const rows = [
  turns("Which plan?", "Pro.", "And logs?", "Team only."),
  ...["a", "b", "c", "d"].map((one) => turns(one, "x")),
];

test("a file without a recipe: trained tokens are marked, rows are counted, and a page is written", () => {
  const folder = project("show", recipe());
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { code, out } = tunewise(
    folder,
    "data",
    "show",
    "rows.jsonl",
    "--model",
    model,
    "--html",
    "rows.html",
  );
  expect(code).toBe(0);
  expect(out).toContain("⟦Pro.<|im_end|>⟧⏎");
  expect(out).toMatch(/^read +5$/m);
  expect(readFileSync(join(folder, "rows.html"), "utf8")).toContain('<span class="trained">');
});

test("one row as JSON has the ids, the mask and the text of every token", () => {
  const folder = project("show-json", recipe());
  const { code, out, err } = tunewise(
    folder,
    "data",
    "show",
    "--row",
    "2",
    "--set",
    "data.rows.train=null",
    "--json",
  );
  expect([code, err]).toEqual([0, ""]);
  const { row } = JSON.parse(out) as {
    row: { tokens: { id: number; text: string; trained: boolean }[]; trainedTokens: number };
  };
  expect(row.tokens.filter(({ trained }) => trained)).toHaveLength(row.trainedTokens);
  expect(row.tokens[0]).toMatchObject({ text: "<|im_start|>", trained: false });
});

test("a row that does not exist is refused with the rows that do", () => {
  const folder = project("show-none", recipe());
  const { code, err } = tunewise(folder, "data", "show", "--row", "100000");
  expect(code).toBe(64);
  expect(err).toMatch(/has\s+the\s+rows\s+1\s+to/);
});
