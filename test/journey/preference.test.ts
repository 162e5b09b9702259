/** @file Preference data: init offers SFT on the chosen answers, check reports about the pairs, and the recipe trains. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

/** Pairs as in Anthropic's transcripts. Row 3 has equal sides, and rows 4 and 5 contradict each other. */
function row(at: number): object {
  const prompt = `\n\nHuman: Is lamp ${at === 5 ? 4 : at} on?\n\nAssistant:`;
  const [good, bad] = [`Yes, lamp ${at === 5 ? 4 : at} is on.`, "No."];
  if (at === 3) return { chosen: `${prompt} ${good}`, rejected: `${prompt} ${good}` };
  const [chosen, rejected] = at === 5 ? [bad, good] : [good, bad];
  return { chosen: `${prompt} ${chosen}`, rejected: `${prompt} ${rejected}` };
}

let folder = "";
beforeAll(() => {
  folder = project("preference", recipe());
  const rows = Array.from({ length: 60 }, (_, at) => `${JSON.stringify(row(at))}\n`);
  writeFileSync(join(folder, "pairs.jsonl"), rows.join(""));
});

test("init says that training on preferences is not available, and offers the chosen answers", () => {
  const model = resolve("models/small");
  const { code, out, err } = tunewise(folder, "init", "pairs.jsonl", "-o", "pairs.yaml", "--model", model);
  expect([code, `${out}${err}`.replace(/\s+/g, " ")]).toEqual([
    0,
    expect.stringContaining("training on preferences is not available yet"),
  ]);
  expect(readFileSync(join(folder, "pairs.yaml"), "utf8")).toMatch(/^ {2}answers: chosen$/m);
});

test("check reports equal sides, contradictions and the length of chosen answers", () => {
  const { out } = tunewise(folder, "check", "pairs.yaml", "--json");
  const { findings } = JSON.parse(out) as { findings: readonly { code: string; count: number }[] };
  const codes = findings.map(({ code }) => code);
  expect(codes).toContain("DATA_PREFERENCE_LENGTH");
  expect(codes).toContain("DATA_SIDES_EQUAL");
  expect(codes).toContain("DATA_PREFERENCE_CONTRADICTED");
});

test("the recipe trains on the chosen answers", () => {
  const own = readFileSync(join(folder, "pairs.yaml"), "utf8");
  writeFileSync(
    join(folder, "pairs.yaml"),
    `${own}\ntraining: { steps: 4, batch_size: 4 }\nforgetting: { measure: false }\n`,
  );
  const { code, out, err } = tunewise(folder, "run", "pairs.yaml", "--yes", "--json");
  expect([code, err], out.slice(-2000)).toEqual([0, ""]);
  const answers = readFileSync(join(runFolder(folder), "answers.jsonl"), "utf8")
    .trim()
    .split("\n");
  const references = answers.map((line) => (JSON.parse(line) as { reference: string }).reference);
  expect(references.length).toBeGreaterThan(3);
  for (const reference of references) expect(reference).toMatch(/^Yes, lamp \d+ is on\.$|^No\.$/);
}, 240_000);
