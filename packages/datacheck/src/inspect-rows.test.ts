/** @file Checks of a data set: a handmade case for each finding, and the known faults of BANKING77 and GSM8K. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Example, Splits } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import { readSplits, type SplitOptions } from "./dataset/index.ts";
import { type EmbeddedTexts, type InspectOptions, inspectRows } from "./inspect-rows.ts";
import type { Finding } from "./problem/index.ts";

function rows(file: string, ...pairs: [string, string][]): Example[] {
  return pairs.map(([prompt, answer], index) => ({
    messages: [
      { role: "system", content: "the same for all" },
      { role: "user", content: prompt },
      { role: "assistant", content: answer },
    ],
    file,
    row: index + 1,
    line: index + 1,
  }));
}
const splitsOf = (given: Partial<Splits<Example>>): Splits<Example> => ({
  train: [],
  validation: [],
  test: [],
  ...given,
});
const seen = async (splits: Splits<Example>, options: Partial<InspectOptions> = {}): Promise<Finding[]> => {
  const usual: InspectOptions = { labels: false, depth: "exact", benchmarks: new Map() };
  return (await inspectRows(splits, { ...usual, ...options })).map(({ finding }) => finding);
};
const told = async (splits: Splits<Example>, labels = false): Promise<string[]> =>
  (await seen(splits, { labels })).map(({ code, detail }) => `${code}: ${detail}`);

describe("inspectRows", () => {
  test("vectors: of distinct prompts, and a word where there are none", async () => {
    const splits = splitsOf({ train: rows("t", ["a", "x"], ["b", "y"]), test: rows("e", ["b", "z"]) });
    const asked: (readonly string[])[] = [];
    const embed = async (texts: readonly string[]): Promise<EmbeddedTexts> => {
      asked.push(texts);
      return { reason: "they are too many" };
    };
    const found = await seen(splits, { depth: "full", embed });
    expect(asked).toEqual([["a", "b"]]);
    expect(found.find(({ code }) => code === "DATA_PARAPHRASES_BY_WORDS")).toMatchObject({
      severity: "note",
      detail: expect.stringContaining("2 distinct prompts were searched by words only: they are too many"),
    });
    await seen(splitsOf({ train: splits.train }), { depth: "full", embed });
    expect(asked).toHaveLength(1); // nothing to compare with
  });

  test("says nothing about clean data", async () => {
    expect(
      await told(splitsOf({ train: rows("t", ["a", "x"], ["b", "y"]), test: rows("e", ["c", "x"]) }), true),
    ).toEqual([]);
  });

  test("duplicates within a part, whatever case and marks", async () => {
    expect(
      await told(splitsOf({ train: rows("t", ["A b?", "x"], ["c", "y"], ["a  B", "x"], ["a b", "x"]) })),
    ).toEqual(["DATA_DUPLICATE_ROWS: 2 train rows repeat an earlier prompt (50.0 %); first t:3 as t:1"]);
  });

  test("prompts of marks alone are compared as written", async () => {
    expect(await told(splitsOf({ train: rows("t", ["+", "x"], ["-", "y"]) }))).toEqual([]);
  });

  test("leaks between each two parts", async () => {
    const splits = splitsOf({
      train: rows("t", ["a", "x"], ["b", "y"]),
      validation: rows("v", ["c", "x"], ["B!", "y"]),
      test: rows("e", ["A", "x"], ["c", "x"], ["d", "x"]),
    });
    expect(await told(splits)).toEqual([
      "DATA_LEAK: 1 test rows have a prompt that is also in train (33.3 %); first e:1 as t:1",
      "DATA_LEAK: 1 validation rows have a prompt that is also in train (50.0 %); first v:2 as t:2",
      "DATA_LEAK: 1 test rows have a prompt that is also in validation (33.3 %); first e:2 as v:1",
    ]);
  });

  test("one prompt with two answers counts once", async () => {
    const [, differ] = await told(
      splitsOf({ train: rows("t", ["a", "x"], ["a", "x "], ["a", "y"], ["A", "z"]) }),
    );
    expect(differ).toBe(
      "DATA_ANSWERS_DIFFER: 1 prompts of train have more than one answer; first t:1 and t:3",
    );
  });

  test("answers of marks alone, unless they are labels", async () => {
    const splits = splitsOf({ train: rows("t", ["a", "+"], ["b", "ok"]) });
    expect(await told(splits)).toEqual([
      "DATA_ANSWER_SHORT: 1 train rows have an answer without a letter or digit; first t:1",
    ]);
    expect(await told(splits, true)).toEqual([]);
  });

  test("labels far from balanced, and unseen ones", async () => {
    const many = Array.from({ length: 11 }, (_, i): [string, string] => [`p${i}`, "often"]);
    const splits = splitsOf({
      train: rows("t", ...many, ["q", "rare"]),
      test: rows("e", ["z", "new"], ["y", "often"], ["w", "new"]),
    });
    expect(await told(splits, true)).toEqual([
      "DATA_LABELS_UNBALANCED: of 2 labels, the most frequent, often, has 11 train rows and the least frequent, rare, has 1",
      "DATA_LABEL_UNSEEN: 2 test rows have a label that no training row has: new",
    ]);
    expect(await told(splits, false)).toEqual([]);
  });
});

const data = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const options: SplitOptions = {
  format: "auto",
  columns: null,
  group: null,
  time: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "error",
  folder: data,
  train: "",
  validation: null,
  test: null,
  split: { validation: 0, test: 0, seed: 1, by: "rows" },
  rows: { train: null, validation: null, test: null },
};

describe.skipIf(!existsSync(data)).each(["exact", "full"] as const)("known data sets, %s", (depth) => {
  test("BANKING77: 25 leaked rows, 31 duplicates and one contradiction, as its source page says", async () => {
    const { splits, findings } = await readSplits({
      ...options,
      train: "banking77/train.csv",
      test: "banking77/test.csv",
      columns: { prompt: "text", completion: "category" },
    });
    expect([splits.train.length, splits.test.length]).toEqual([10_003, 3_080]);
    expect(findings.every(({ severity }) => severity === "note")).toBe(true);
    const found = (await seen(splits, { labels: true, depth })).map(({ code, count, detail }) => [
      code,
      /train|test/.exec(detail)?.[0],
      count,
    ]);
    expect(found).toContainEqual(["DATA_LEAK", "test", 25]);
    expect(found).toContainEqual(["DATA_DUPLICATE_ROWS", "train", 31]);
    expect(found).toContainEqual(["DATA_ANSWERS_DIFFER", "train", 1]);
    expect(new Set(splits.train.map(({ messages }) => messages.at(-1)?.content)).size).toBe(77);
    expect(found.map(([code]) => code).includes("DATA_LEAK_NEAR")).toBe(depth === "full");
  });

  test("GSM8K: all rows read, no leak and no duplicate", async () => {
    const { splits } = await readSplits({ ...options, train: "gsm8k/train.jsonl", test: "gsm8k/test.jsonl" });
    expect([splits.train.length, splits.test.length]).toEqual([7_473, 1_319]);
    const codes = (await seen(splits, { depth })).map(({ code }) => code);
    expect(codes.filter((code) => code === "DATA_LEAK" || code === "DATA_DUPLICATE_ROWS")).toEqual([]);
  });
});

test("rows of a benchmark in training are named with their file, whatever form they have", async () => {
  const question =
    "How many apples does Ann have after she gives three of her twelve apples to Tom on Monday?";
  const train = rows("t", [question.toUpperCase(), "9"], ["Where is the station?", "There"]);
  const held = [{ prompt: question, answer: "9", file: "bench.jsonl", row: 4, line: 4 }];
  for (const depth of ["exact", "full"] as const) {
    const found = await seen(splitsOf({ train }), { depth, benchmarks: new Map([["bench.jsonl", held]]) });
    const leak = found.find(({ code }) => code === "DATA_LEAK");
    expect(leak?.detail).toContain("bench.jsonl rows have a prompt that is also in train");
    expect(leak?.where).toEqual([{ file: "bench.jsonl", row: 4, line: 4 }]);
  }
});
