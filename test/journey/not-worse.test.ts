/** A run against the frozen answers of the model that it is to replace: not worse, worse, or not shown. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seconds, tokens, type Usd } from "@tunewise/core/quantity";
import { beforeAll, describe, expect, test } from "vitest";
import { type FrozenAnswer, writeFrozenReference } from "../../packages/tunewise/src/scoring/index.ts";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

interface Row {
  readonly asked: string;
  readonly prompt: string;
  readonly reference: string;
  readonly tuned: string;
}

describe("tunewise compare --not-worse", () => {
  let folder = "";
  let rows: Row[] = [];

  beforeAll(() => {
    const text = recipe().replace("test: 8", "test: 40");
    folder = project("replace", text);
    expect(tunewise(folder, "run", "--yes").code).toBe(0);
    const lines = readFileSync(join(runFolder(folder), "answers.jsonl"), "utf8")
      .trim()
      .split("\n");
    rows = lines.map((line) => JSON.parse(line) as Row);
    expect(rows.length).toBeGreaterThan(30);
  });

  /** Freezes an answer to each row. */
  async function freeze(name: string, answer: (row: Row, at: number) => string | null): Promise<string> {
    const path = join(folder, name);
    const answers = rows.flatMap((row, at): FrozenAnswer[] => {
      const content = answer(row, at);
      return content === null ? [] : [frozen(row, at, content)];
    });
    await writeFrozenReference(
      path,
      {
        model: "ft:gpt-4o-mini-2024-07-18:org::abc",
        endpoint: "https://api.openai.com/v1",
        style: "openai",
        createdAt: "2026-12-03T12:00:00.000Z",
        parameters: { maxTokens: 64, temperature: 0, topP: null, seed: 17 },
        leftOut: [],
        price: { input: 0.3, cachedInput: 0.15, output: 1.2, source: "a list, 2026-11-25" },
        missing: rows.length - answers.length,
      },
      answers,
    );
    return name;
  }

  test("better answers of the old model: worse, with both scores and the interval", async () => {
    const file = await freeze("right.jsonl", ({ reference }) => reference);
    const { code, out } = tunewise(folder, "compare", "latest", "--not-worse", "--reference", file, "--json");
    expect(code).toBe(2);
    const found = JSON.parse(out);
    expect(found).toMatchObject({ verdict: "worse", rows: { missing: 0 } });
    expect(found.scores[0].old).toBe(1);
    expect(found.scores.map(({ metric }: { metric: string }) => metric)).toEqual([
      "json_valid",
      "json_match",
    ]);
    expect(found.form).toBeNull();
    expect(found.usd_per_thousand).toBe(12_000);
    const shown = tunewise(folder, "compare", "latest", "--not-worse", "--reference", file).out.replaceAll(
      /\s+/g,
      " ",
    );
    expect(shown).toContain("Worse");
    expect(shown).toContain("of ft:gpt-4o-mini-2024-07-18:org::abc in");
  });

  test("the run's own answers: what these rows can show, and how many could", async () => {
    const file = await freeze("same.jsonl", ({ tuned }) => tuned);
    const words = ["compare", "latest", "--not-worse", "--reference", file];
    const strict = JSON.parse(tunewise(folder, ...words, "--margin", "1", "--json").out);
    expect(strict).toMatchObject({ verdict: "unclear", agreement: 1 });
    expect(strict.scores[0].rows_needed).toBeGreaterThan(strict.rows.compared);
    const wide = tunewise(folder, ...words, "--margin", "30");
    expect(wide.code).toBe(0);
    expect(wide.out).toContain("Not worse");
  });

  test("rows without a frozen answer are counted, and a file with none is refused with a fix", async () => {
    const half = await freeze("half.jsonl", ({ tuned }, at) => (at % 2 === 0 ? tuned : null));
    const found = JSON.parse(tunewise(folder, "compare", "--not-worse", "--reference", half, "--json").out);
    expect(found.rows.missing).toBeGreaterThan(10);
    const none = await freeze("none.jsonl", () => null);
    const refused = tunewise(folder, "compare", "--not-worse", "--reference", none);
    expect(refused.code).toBe(64);
    expect(refused.err).toContain("NOT_WORSE_WITHOUT_ROWS");
    expect(refused.err).toContain("tunewise freeze MODEL");
  });

  test("a run without a score in points is refused", async () => {
    const file = await freeze("any.jsonl", ({ tuned }) => tuned);
    const other = project(
      "no-metric",
      recipe().replace("[json_valid, json_match, perplexity]", "[perplexity]"),
    );
    expect(tunewise(other, "run", "--yes").code).toBe(0);
    const refused = tunewise(other, "compare", "--not-worse", "--reference", join(folder, file));
    expect(refused.code).toBe(64);
    expect(refused.err).toContain("NOT_WORSE_WITHOUT_METRIC");
    expect(tunewise(folder, "compare", "--not-worse").err).toContain("FROZEN_NOT_FOUND");
    const two = tunewise(folder, "compare", "a", "b", "--not-worse", "--reference", file);
    expect(two.err).toContain("compares one run; 2 were given");
    writeFileSync(join(folder, "broken.jsonl"), "{}\n");
    expect(tunewise(folder, "compare", "--not-worse", "--reference", "broken.jsonl").err).toContain(
      "FROZEN_INVALID",
    );
  });
});

function frozen(row: Row, at: number, content: string): FrozenAnswer {
  const messages = [{ role: "user" as const, content: row.prompt }];
  return {
    key: row.asked,
    source: "test",
    row: at + 1,
    messages,
    tools: [],
    reference: { content: row.reference },
    answer: { content },
    finish: "stop",
    promptTokens: tokens(9),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(3),
    usage: "reported",
    logprobs: null,
    seconds: seconds(0.75),
    cost: 12 as Usd,
    model: "ft:gpt-4o-mini-2024-07-18:org::abc",
    askedAt: "2026-12-03T11:59:00.000Z",
    isMasked: false,
  };
}
