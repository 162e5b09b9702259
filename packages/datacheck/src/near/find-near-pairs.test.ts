/** @file A handmade pair of each kind, the known figures of BANKING77 and GSM8K, and data with many candidates. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { randomStream } from "@tunewise/core/math";
import type { Example } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { readSplits } from "../dataset/index.ts";
import { findContained } from "./contained.ts";
import { findNearPairs, type NearOptions, type NearPairs } from "./find-near-pairs.ts";
import { pairKinds } from "./pairs.ts";
import { sidesOf } from "./sides.ts";
import { wordsOf } from "./words.ts";

/** Filler that makes the words of the tested rows rare. */
const filler = Array.from({ length: 60 }, (_, row) =>
  Array.from({ length: 8 }, (_, at) => `filler${row * 8 + at}`).join(" "),
);
function told({ pairs }: NearPairs): string[] {
  return Array.from({ length: pairs.count }, (_, at) => {
    const score = (pairs.score[at] as number).toFixed(2);
    return `${pairs.row[at]} ${pairKinds[pairs.kind[at] as number]} ${pairs.other[at]} ${score}`;
  });
}
function find(train: string[], test: string[] = [], options: NearOptions = {}): string[] {
  const texts = [...train, ...test, ...filler];
  const part = Uint8Array.from(texts, (_, row) =>
    row >= train.length && row < train.length + test.length ? 1 : 0,
  );
  return told(findNearPairs(texts, part, options));
}
const twelve = "the quick brown fox jumps over one lazy dog near my house";

describe("findNearPairs", () => {
  test.each<[string, string, string[]]>([
    ["the same text", twelve, ["1 exact 0 1.00", "1 near 0 1.00"]],
    ["other case and marks", `${twelve.toUpperCase()}!`, ["1 normalized 0 1.00", "1 near 0 1.00"]],
    [
      "another order",
      "near my house the quick brown fox jumps over one lazy dog",
      ["1 reordered 0 1.00", "1 near 0 1.00"],
    ],
    ["one word other", twelve.replace("quick", "slow"), ["1 one-word 0 0.85", "1 near 0 0.85"]],
    ["one word less", twelve.replace("quick ", ""), ["1 one-word 0 0.92", "1 near 0 0.92"]],
    ["two words more", `${twelve} and garden`, ["1 near 0 0.86"]],
    ["three words other", twelve.replace("quick brown fox", "slow red cat"), []],
    [
      "inside a longer row",
      "house the quick brown fox jumps over one lazy dog near my",
      ["1 reordered 0 1.00", "1 near 0 1.00"],
    ],
  ])("%s", (_, other, expected) => {
    expect(find([twelve], [other]).filter((one) => !one.includes("contained"))).toEqual(expected);
  });

  test("a held-out row inside a longer one", () => {
    const long = `we were told that ${twelve} which nobody believed at first ${filler[0]} ${filler[1]}`;
    expect(find([long], [twelve])).toEqual(["1 contained 0 1.00"]);
    expect(find([twelve], [long]), "and not the other way round").toEqual([]);
  });

  test("rows without a word are compared as written", () => {
    expect(find(["+", "-", "+", ""])).toEqual(["2 exact 0 1.00"]);
  });

  test("short questions of one form are no repetitions, whatever they ask for", () => {
    const asked = ["balance", "address", "limit", "name", "age", "rate", "bank", "pin", "iban", "plan"];
    expect(find(asked.map((one) => `what is my ${one}`))).toEqual([]);
    const long = asked.map((one) => `could you tell me what is the current ${one} of this account`);
    expect(find(long).filter((one) => one.includes("one-word"))).toEqual([]);
    expect(find(long.slice(0, 2)).filter((one) => one.includes("one-word"))).toEqual(["1 one-word 0 0.85"]);
  });

  test("numbers alone make another question", () => {
    const room = (number: number): string => `who teaches the seminar in room ${number}`;
    expect(find([room(3), room(4)]).filter((one) => one.includes("one-word"))).toEqual([]);
  });

  test("a prompt's fixed words make no two rows alike, but their content does", () => {
    const random = randomStream(5);
    const word = (): string => `w${random.below(30_000)}`;
    const fixed = Array.from({ length: 60 }, word).join(" ");
    const contents = Array.from({ length: 600 }, () => `${word()} ${word()} ${word()} ${word()}`);
    const texts = contents.map((content) => `${fixed} ${content}`);
    texts.push(`${fixed} ${contents[7]} please`);
    expect(told(findNearPairs(texts, new Uint8Array(texts.length))).map((one) => one.slice(0, 12))).toContain(
      "600 near 7 0",
    );
    const found = findNearPairs(texts.slice(0, 600), new Uint8Array(600));
    expect(found.pairs.count).toBe(0);
  });

  test("each row once per kind and part; repetitions of a held-out row leak with it", () => {
    const near = `${twelve} and garden`;
    const texts = [twelve, twelve, near, near, `${near}!`];
    const part = Uint8Array.from([0, 0, 1, 1, 2, ...filler.map(() => 0)]);
    const found = told(findNearPairs([...texts, ...filler], part));
    expect(found.filter((one) => !one.includes("contained"))).toEqual([
      "1 exact 0 1.00",
      "2 near 0 0.86",
      "3 exact 2 1.00",
      "3 near 0 0.86",
      "4 normalized 2 1.00",
      "4 near 0 0.86",
      "4 near 2 1.00",
    ]);
  });

  test("partners of another label are told beside the best one", () => {
    const texts = [twelve, `please, ${twelve}`, twelve.toUpperCase(), ...filler];
    const labels = Int32Array.from(texts, (_, row) => (row === 0 ? 1 : 2));
    const { pairs } = findNearPairs(texts, new Uint8Array(texts.length), {
      answers: labels,
      areLabels: true,
    });
    const differing = Array.from(pairs.row).filter((_, at) => pairs.differs[at] === 1);
    expect(new Set(differing)).toEqual(new Set([1, 2]));
  });

  test("one sentence 4,000 times over, with and without changes, is no quadratic work", () => {
    const cases = [
      () => twelve,
      (row: number) => `${twelve} ${row}`,
      (row: number) => `${row % 90} ${row % 77} a b c`,
    ];
    const find = (): void => {
      for (const text of cases) {
        const texts = Array.from({ length: 4000 }, (_, row) => text(row));
        findNearPairs(
          texts,
          Uint8Array.from(texts, (_, row) => row % 2),
        );
      }
    };
    expect(processorMs(find, 6000)).toBeLessThan(6000);
  });

  test("a question below a fixed instruction is not contained by the border of the two", () => {
    const tool =
      "A search engine. Useful for when you need to answer questions about Science and Society. Input:";
    const other = "Another tool with instructions of its own that takes whole addresses of pages as input.";
    const rows = Array.from({ length: 60 }, (_, row) => row);
    const held = rows.map((row) => `${tool}\nHow many unit${row} are there in thing${row}?`);
    const contained = (known: string[]): number =>
      find(known, held).filter((pair) => pair.includes("contained")).length;
    const ask = (row: number): string => `How many unit${row} are there in`;
    expect(contained(rows.map((row) => `${other} ${tool}\n${ask(row)} one else${row}, and where?`))).toBe(0);
    const whole = rows.map((row) => `${other} ${tool}\n${ask(row)} thing${row} and where is it sold?`);
    expect(contained(whole)).toBe(60);
  });

  test("arrays must fit", () => {
    expect(() => findNearPairs(["a"], new Uint8Array(2))).toThrow(RangeError);
    expect(() => findNearPairs(["a"], Uint8Array.of(9))).toThrow(RangeError);
    expect(findNearPairs([], new Uint8Array(0)).pairs.count).toBe(0);
  });
});

const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
async function read(
  folder: string,
  files: { train: string; test: string },
  columns: boolean,
): Promise<{ train: readonly Example[]; test: readonly Example[] }> {
  const { splits } = await readSplits({
    format: "auto",
    system: null,
    promptTemplate: "{prompt}",
    badRows: "error",
    validation: null,
    group: null,
    time: null,
    folder: `${data}${folder}`,
    ...files,
    columns: columns ? { prompt: "text", completion: "category" } : null,
    split: { validation: 0, test: 0, seed: 1, by: "rows" },
    rows: { train: null, validation: null, test: null },
  });
  return splits;
}

describe.skipIf(!existsSync(data))("known data sets", () => {
  test("BANKING77: 25 leaked, 31 repeated, 456 nearly leaked, 1 of them with another label", async () => {
    const { train, test: held } = await read("banking77", { train: "train.csv", test: "test.csv" }, true);
    const rows = [...train, ...held];
    const texts = rows.map(({ messages }) => messages[0]?.content ?? "");
    const names = new Map<string, number>();
    const labels = Int32Array.from(rows, ({ messages }) => {
      const label = messages.at(-1)?.content ?? "";
      names.set(label, names.get(label) ?? names.size);
      return names.get(label) as number;
    });
    const part = Uint8Array.from(rows, (_, row) => (row < train.length ? 0 : 1));
    const { pairs } = findNearPairs(texts, part, { answers: labels, areLabels: true, near: 1 });
    const [leaked, repeated, near, other] = [new Set(), new Set(), new Set(), new Set()];
    let [oneWord, agreeing] = [0, 0];
    for (let at = 0; at < pairs.count; at++) {
      const [row, kind] = [pairs.row[at] as number, pairKinds[pairs.kind[at] as number]];
      const isLeak = part[row] === 1 && part[pairs.other[at] as number] === 0;
      if (kind === "normalized") (isLeak ? leaked : part[row] === 0 ? repeated : new Set()).add(row);
      if (isLeak && kind === "near") near.add(row);
      if (isLeak && kind === "near" && pairs.differs[at] === 1) other.add(row);
      if (isLeak && kind === "one-word") {
        oneWord++;
        agreeing += 1 - (pairs.differs[at] as number);
      }
    }
    expect([leaked.size, repeated.size, near.size, other.size]).toEqual([25, 31, 456, 1]);
    expect(oneWord).toBeGreaterThan(100);
    expect(agreeing / oneWord, "of pairs one word apart, those of one intent").toBeGreaterThan(0.95);
  });

  test("GSM8K: 80, 9 and 3 test rows share a run of 8, 10 and 13 words; no repetition, no near one", async () => {
    const { train, test: held } = await read("gsm8k", { train: "train.jsonl", test: "test.jsonl" }, false);
    const texts = [...train, ...held].map(({ messages }) => messages[0]?.content ?? "");
    const part = Uint8Array.from(texts, (_, row) => (row < train.length ? 0 : 1));
    const { leaks, duplicates, sharing } = findNearPairs(texts, part);
    expect(sharing).toEqual({ 8: 80, 13: 3 });
    const all = Uint32Array.from(texts.keys());
    const ten = findContained(wordsOf(texts), sidesOf(texts.length, part, null, false), all, 10, 1, {
      offer: () => {},
    });
    expect(ten).toEqual({ sharing: 9, boilerplate: 0 });
    expect([leaks.exact, leaks.normalized, duplicates.exact, duplicates.normalized]).toEqual([0, 0, 0, 0]);
    expect(leaks.near).toBe(0);
  });
});
