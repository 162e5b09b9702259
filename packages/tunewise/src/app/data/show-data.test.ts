/** @file Tests views of rows with the small model: tokens, masks as in training, summaries, and rows without a use. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Message } from "@tunewise/core/rows";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { encodeSplits, findModel, readUnchecked, recipeFromText } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { dataReport, type RowsView } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { recipeOfFile } from "../init/index.ts";
import { showData } from "./show-data.ts";
import { refusedRow } from "./show-row.ts";

const folder = temporaryFolder();
const model = resolve("models/small");
const runtime = { cwd: folder, signal: new AbortController().signal, sources: {} } as unknown as Runtime;

const turns = (...contents: readonly string[]): string =>
  JSON.stringify({
    messages: contents.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })),
  });
const rows = [
  turns("Which plan has exports?", "Pro and Team.", "And audit logs? ", "Team only."),
  '{"messages": [{"role": "user"',
  JSON.stringify({ messages: [{ role: "wizard", content: "x" }] }),
  turns("one", "1"),
  turns("two", "word ".repeat(60)),
  turns("word ".repeat(70), "2"),
];
writeFileSync(join(folder, "rows.jsonl"), rows.join("\n"));

const recipeOf = (data: string, source = "train: rows.jsonl") =>
  recipeFromText(
    `name: show\nmodel: ${model}\ndata: { ${source}, bad_rows: skip, ${data} }\n`,
    join(folder, "tunewise.yaml"),
    "tunewise.yaml",
  );
const all = "split: { validation: 0, test: 0 }, max_length: 80";
const show = (data: string, row: number | null, split: RowsView["split"] = "train") =>
  showData(recipeOf(data), { split, row }, runtime);

test("tokens and mask of a row are those of training, and the text is complete", async () => {
  const loaded = recipeOf(all);
  const { row } = await show(all, 1);
  const files = await findModel(model, "main", folder, runtime);
  const { splits } = await readUnchecked(loaded, runtime);
  const [trained] = encodeSplits(splits, createTokenizer(files.tokenizer), loaded.recipe.data).train.rows;
  if ("error" in row) throw new Error(row.error);
  expect(row.tokens.map(({ id }) => id)).toEqual([...(trained?.ids ?? [])]);
  expect(row.tokens.map(({ isTrained }) => Number(isTrained))).toEqual([...(trained?.labelled ?? [])]);
  expect(row.tokens.map(({ text }) => text).join("")).toContain("And audit logs?␣<|im_end|>⏎\n");
  expect(row.turns.map(({ isTrained }) => isTrained)).toEqual([false, true, false, true]);
});

test("a row beyond max_length shows what is cut; one without room for its answer is dropped", async () => {
  const { row: cut } = await show(all, 5);
  if ("error" in cut) throw new Error(cut.error);
  expect(cut.cutTokens).toBe(cut.tokens.length - 80);
  expect(cut.tokens.findIndex(({ isCut }) => isCut)).toBe(80);
  const { row: short } = await show(all.replace("80", "40"), 1);
  expect("turns" in short && short.turns.at(-1)?.why).toBe("beyond data.max_length");
  const view = await show(all, 6);
  expect(view.row).toMatchObject({ isUsed: false, trainedTokens: 0 });
  expect(dataReport(view).verdict.title).toBe("Row 6 is dropped");
});

test("turns that are not trained say why", async () => {
  const { row } = await show(`${all}, train_on: last`, 1);
  expect("turns" in row && row.turns.map(({ why }) => why)).toEqual([
    "context",
    "data.train_on: last",
    "context",
    "an answer of the assistant",
  ]);
});

test("a summary counts every record once", async () => {
  const { summary } = await show(all, null);
  expect(summary).toMatchObject({ read: 6, unusable: 2, elsewhere: 0, untrained: 0 });
  expect(summary?.statistics).toMatchObject({ rows: 3, dropped: 1, unusable: 0 });
  expect(summary?.longest.map(({ row }) => row)).toEqual([6, 5, 1, 4]);
  expect(summary?.findings.map(({ code }) => code)).toContain("DATA_ANSWER_CUT");
});

test.each([
  [2, "DATA_JSON_INVALID"],
  [3, "DATA_ROLE_UNKNOWN"],
])("row %i cannot be used: %s with a fix", async (number, code) => {
  const view = await show(all, number);
  expect(view.row).toMatchObject({ row: number, code });
  expect(dataReport(view).verdict.sentence).toContain("Fix: ");
});

test("a row that the template refuses names the message and the template's error", async () => {
  const files = await findModel(model, "main", folder, runtime);
  const template =
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system turn') }}{% endif %}{{ m.content }}{% endfor %}";
  const tokenizer = createTokenizer({ ...files.tokenizer, chatTemplate: template });
  const messages = ["user", "system", "assistant"].map((role) => ({ role, content: role }) as Message);
  const example = { messages, file: "d.jsonl", row: 7, line: 7 };
  const issue = { code: "DATA_TEMPLATE_REFUSED", reason: "no system turn" } as const;
  expect(refusedRow(example, issue, tokenizer)).toMatchObject({ place: "d.jsonl:7", message: 2 });
});

test.each<[string, number, string]>([
  [all, 7, "the file has the rows 1 to 6"],
  ["split: { validation: 0, test: 0.25 }", -1, "it is in the split test"],
  [`${all}, rows: { train: 1 }`, -1, "it exceeds data.rows.train"],
])("%s: row %i is unknown: %s", async (data, number, why) => {
  const { splits } = await readUnchecked(recipeOf(data), runtime);
  const used = new Set(splits.train.map(({ row }) => row));
  const row = number > 0 ? number : ([1, 4, 5, 6].find((one) => !used.has(one)) ?? 0);
  const failure = await show(data, row).catch((error: unknown) => error);
  expect(TunewiseError.is(failure) && failure.code).toBe("DATA_ROW_UNKNOWN");
  expect(String(failure)).toContain(why);
});

test("records are numbered over all files of a folder", async () => {
  mkdirSync(join(folder, "many"));
  writeFileSync(join(folder, "many/a.jsonl"), rows.slice(0, 2).join("\n"));
  writeFileSync(join(folder, "many/b.jsonl"), rows.slice(2).join("\n"));
  const many = (row: number | null) =>
    showData(recipeOf(all, "train: many/"), { split: "train", row }, runtime).then(
      ({ row: shown, summary }) => ({
        place: shown.place,
        code: "code" in shown ? shown.code : null,
        summary,
      }),
    );
  expect(await many(1)).toMatchObject({ place: "many/a.jsonl:1", code: null });
  expect(await many(2)).toMatchObject({ place: "many/a.jsonl row 2", code: "DATA_JSON_INVALID" });
  expect(await many(3)).toMatchObject({ place: "many/b.jsonl row 1", code: "DATA_ROLE_UNKNOWN" });
  expect(await many(4)).toMatchObject({ place: "many/b.jsonl:2", code: null });
  expect((await many(null)).summary?.longest.map(({ row }) => row)).toEqual([6, 5, 1, 4]);
  await expect(many(7)).rejects.toThrow("the file has the rows 1 to 6");
});

test("a row that the weight of its source leaves out is unknown", async () => {
  writeFileSync(join(folder, "x.jsonl"), ["1", "2", "3"].map((text) => turns(text, text)).join("\n"));
  writeFileSync(join(folder, "y.jsonl"), turns("y", "y"));
  const loaded = recipeOf(all, "mix: [{ file: x.jsonl, weight: 1 }, { file: y.jsonl, weight: 3 }]");
  const shown = await Promise.allSettled(
    [1, 2, 3, 4].map((row) => showData(loaded, { split: "train", row }, runtime)),
  );
  const failures = shown.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(failures).toHaveLength(2);
  for (const failure of failures) expect(failure).toContain("the weight or the limit of its source");
  expect(shown[3]).toMatchObject({ status: "fulfilled", value: { row: { place: "y.jsonl:1" } } });
});

test("a data file needs no recipe", async () => {
  const few = rows.filter((_, at) => at !== 1 && at !== 2);
  writeFileSync(join(folder, "plain.jsonl"), [...few, turns("three", "3")].join("\n"));
  const loaded = await recipeOfFile("plain.jsonl", model, runtime);
  const { row, summary } = await showData(loaded, { split: "train", row: null }, runtime);
  expect("tokens" in row).toBe(true);
  expect(summary).toMatchObject({ read: 5, elsewhere: 0 });
});
