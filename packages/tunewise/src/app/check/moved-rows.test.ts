/** @file Rows that the model's chat template rejects, from the finding to the repaired copy. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packageFile } from "../../catalog/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { checkCopy, checkData } from "./check-data.ts";
import { fixData } from "./fix-data.ts";

const template =
  "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system turn') }}{% endif %}" +
  "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

const lines = Array.from({ length: 40 }, (_, at) => {
  const turn = (role: string, content: string): object => ({ role, content });
  const system = at % 10 === 4 ? [turn("system", "Be brief.")] : [];
  const asked = turn("user", `What is in box ${at} of the ${at % 7} green cellars?`);
  return JSON.stringify({ messages: [...system, asked, turn("assistant", `Nothing but apple ${at}.`)] });
});

async function checked(data: string) {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-moved-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(packageFile("models/small"), join(folder, "model"), { recursive: true });
  await writeFile(join(folder, "model", "chat_template.jinja"), template);
  await writeFile(join(folder, "rows.jsonl"), lines.join("\n"));
  const text =
    `name: a\nmodel: ./model\ndata: { train: rows.jsonl, split: { validation: 0, test: 0.2 }${data} }\n` +
    "forgetting: { measure: false }\nbudget: { minutes: 5 }\n";
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const runtime = createRuntime(folder, new AbortController().signal, "test");
  const check = await checkData(loaded, runtime);
  const refusals = check.findings.filter(({ code }) => code === "DATA_TEMPLATE_REFUSED");
  return { folder, loaded, runtime, check, refusals };
}

test("rejected rows are errors with message, error and fix; --fix moves them, and the copy passes", async () => {
  const { folder, loaded, runtime, check, refusals } = await checked("");
  expect(refusals.map(({ severity }) => severity)).toEqual(refusals.map(() => "error"));
  expect(refusals.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  expect(refusals[0]?.detail).toContain("message 1 (system): no system turn");
  expect(refusals[0]?.fix).toContain("check --fix");
  const cleaned = await fixData(loaded, runtime, check, "cleaned");
  expect(cleaned.files[0]).toMatchObject({ moved: 4, unusable: join("cleaned", "train-unusable.jsonl") });
  const moved = await readFile(join(folder, "cleaned", "train-unusable.jsonl"), "utf8");
  expect(moved.trim().split("\n")).toEqual([4, 14, 24, 34].map((at) => lines[at]));
  const copy = await checkCopy(loaded, runtime, cleaned);
  expect(copy.findings.map(({ code }) => code)).not.toContain("DATA_TEMPLATE_REFUSED");
});

test("bad_rows: skip leaves them out with a warning", async () => {
  const { check, refusals } = await checked(", bad_rows: skip");
  expect(new Set(refusals.map(({ severity }) => severity))).toEqual(new Set(["warning"]));
  const used = check.splits.reduce((sum, { statistics }) => sum + statistics.rows, 0);
  const unusable = check.splits.reduce((sum, { statistics }) => sum + statistics.unusable, 0);
  expect([used, unusable]).toEqual([36, 4]);
});
