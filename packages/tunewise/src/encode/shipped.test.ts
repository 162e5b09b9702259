/** @file Tests the data shipped in data/general: readable without findings, balanced, and of the documented size. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readChoices, readPrompts, readTexts } from "@tunewise/datacheck/dataset";
import { describe, expect, test } from "vitest";

const at = (name: string): [string, string] => [
  fileURLToPath(new URL(`../../../../data/general/${name}`, import.meta.url)),
  name,
];
const words = (text: string): number => text.split(/\s+/).length;

describe("the documents", async () => {
  const { items, findings } = await readTexts(...at("text.jsonl"));

  test("are sixty, from 80 to 160 words, none twice", () => {
    expect(findings).toEqual([]);
    expect(items).toHaveLength(60);
    expect(items.filter(({ text }) => words(text) < 80 || words(text) > 160)).toEqual([]);
    expect(new Set(items.map(({ text }) => text)).size).toBe(60);
  });

  test("are of many kinds, a few of them not in English", () => {
    const kinds = readFileSync(at("text.jsonl")[0], "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(new Set(kinds).size).toBeGreaterThanOrEqual(15);
    const foreign = kinds.filter((kind) =>
      ["german", "french", "spanish", "italian", "dutch"].includes(kind),
    );
    expect(foreign).toHaveLength(5);
  });
});

describe("the questions", async () => {
  const { items, findings } = await readChoices(...at("choices.jsonl"));

  test("are a hundred and more, none twice", () => {
    expect(findings).toEqual([]);
    expect(items.length).toBeGreaterThanOrEqual(120);
    expect(new Set(items.map(({ question }) => question)).size).toBe(items.length);
  });

  test("have their right answers evenly over the places", () => {
    for (const size of [2, 4]) {
      const places = Array.from({ length: size }, () => 0);
      for (const { choices, answer } of items)
        if (choices.length === size) places[answer] = (places[answer] ?? 0) + 1;
      expect(Math.max(...places) - Math.min(...places)).toBeLessThanOrEqual(1);
    }
  });

  test("cannot be answered by length", () => {
    const share = (pick: (lengths: number[]) => number): number => {
      const right = items.filter(({ choices, answer }) => {
        const lengths = choices.map((choice) => choice.length);
        const wanted = pick(lengths);
        return lengths.filter((length) => length === wanted).length === 1 && lengths[answer] === wanted;
      });
      return right.length / items.length;
    };
    expect(share((lengths) => Math.max(...lengths))).toBeLessThan(0.3);
    expect(share((lengths) => Math.min(...lengths))).toBeLessThan(0.3);
  });
});

test("the prompts are forty, of a few words each", async () => {
  const { items, findings } = await readPrompts(...at("prompts.jsonl"));
  expect(findings).toEqual([]);
  expect(items).toHaveLength(40);
  expect(items.filter(({ text }) => words(text) > 40)).toEqual([]);
});
