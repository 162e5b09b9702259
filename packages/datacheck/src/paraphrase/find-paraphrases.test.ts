import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { inspectRepeats } from "../overlap.ts";
import type { Row } from "../row.ts";
import {
  findParaphrases,
  likenessAmong,
  type ParaphraseOptions,
  type Paraphrases,
} from "./find-paraphrases.ts";

/** Rows that share only frequent words; deterministic. */
function cleanRows(count: number, seed: number): string[] {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const syllables = ["ka", "lo", "mi", "ren", "ta", "vo", "sul", "pe", "dri", "gan"];
  const rare = (): string => Array.from({ length: 3 }, () => syllables[next(syllables.length)]).join("");
  const frequent = ["how", "the", "was", "with", "many", "for", "after", "of"];
  return Array.from({ length: count }, () =>
    Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? frequent[next(frequent.length)] : rare())).join(
      " ",
    ),
  );
}

const source = "How can I reset the forgotten password of my savings account before the branch opens?";
const rewritten =
  "Before my branch opens, what is the way of resetting a savings account password I have forgotten?";
const puzzle =
  "Ruby bought 12 green apples at the market and gave 5 of them to her friend Adam. How many are left?";
const twin =
  "Oscar bought 31 green apples at the market and gave 8 of them to his friend Milo. How many are left?";
const answer = "The valve must be closed clockwise by a quarter turn before the boiler is lit again.";

const train = [...cleanRows(400, 1), source, puzzle];
const testRows = [
  ...cleanRows(200, 2),
  rewritten,
  twin,
  "which steps come first where a boiler has a valve?",
];
const texts = [...train, ...testRows];
const heldOut = new Uint8Array(texts.length).fill(1, train.length);
const at = (text: string): number => texts.indexOf(text);
const find = (options?: ParaphraseOptions): Paraphrases => findParaphrases(texts, heldOut, options);

describe("findParaphrases", () => {
  test("a question in other words, and one with other names and numbers; clean rows pass", () => {
    expect(find().pairs.map(({ row, other, kind }) => [row, other, kind])).toEqual([
      [at(rewritten), at(source), "paraphrase"],
      [at(twin), at(puzzle), "twin"],
    ]);
  });

  test("a question with few of the same words, where vectors find it", () => {
    const said = "Which path leads to another password, if the branch is still shut?";
    const all = [...train, ...cleanRows(200, 2), said];
    const flags = new Uint8Array(all.length).fill(1, train.length);
    const vector = (text: string): number => (text === said || text === source ? 1 : 0);
    const near: ParaphraseOptions["near"] = (known) => ({
      nearest: (text, most) =>
        [...known.keys()]
          .sort((a, b) => vector(known[b] ?? "") - vector(known[a] ?? ""))
          .slice(0, vector(text) * most),
      between: (text, row) => (vector(text) === 1 && vector(known[row] ?? "") === 1 ? 0.95 : 0.2),
    });
    const ofSaid = (options?: ParaphraseOptions): number[] =>
      findParaphrases(all, flags, options).pairs.flatMap(({ row, other }) =>
        all[row] === said ? [other] : [],
      );
    expect(ofSaid()).toEqual([]);
    expect(ofSaid({ near })).toEqual([train.indexOf(source)]);
    expect(ofSaid({ near: () => null })).toEqual([]);
  });

  test("a twin is nearer with names and numbers masked", () => {
    const pair = find().pairs.find(({ kind }) => kind === "twin");
    expect(pair?.maskedScore).toBeGreaterThan((pair?.score ?? 1) + 0.05);
  });

  test("the same long answer to a changed question, not a set phrase", () => {
    const all = [
      ...texts,
      "which steps has the manual for the boiler",
      "steps of the boiler at the very first?",
    ];
    const held = Uint8Array.of(...heldOut, 0, 1);
    const answers = all.map((_, row) => (row < texts.length ? "yes" : answer));
    const row = texts.length + 1;
    const pairs = findParaphrases(all, held, { answers, falseShare: 0, falseAlarmRate: 1e-9 }).pairs;
    expect(pairs.at(-1)).toMatchObject({ row, other: texts.length, kind: "same-answer" });
    const refusals = findParaphrases(all, held, { answers: all.map(() => answer) }).pairs;
    expect(refusals.filter(({ kind }) => kind === "same-answer")).toEqual([]);
  });

  test("a look-alike whose answer is to another question is counted and not flagged", () => {
    const found = find({ haveOtherAnswers: (row, other) => row === at(rewritten) && other === at(source) });
    expect(found.refuted).toBe(1);
    expect(found.pairs.map(({ row }) => row)).toEqual([at(twin)]);
  });

  test("an identical long answer finds a question that shares few words", () => {
    const said = "boiler: which way round is the valve turned?";
    const all = [...texts, "How is a valve shut for lighting?", said];
    const held = Uint8Array.from([...heldOut, 0, 1]);
    const answers = all.map((_, row) => (row < texts.length ? `answer ${row}` : answer));
    const found = findParaphrases(all, held, { answers, falseShare: 0, falseAlarmRate: 1e-9 });
    expect(found.pairs.at(-1)).toMatchObject({
      row: texts.length + 1,
      other: texts.length,
      kind: "same-answer",
    });
  });

  test("rows left out are not flagged", () => {
    expect(find({ leaveOut: new Set([at(rewritten), at(twin)]) }).pairs).toEqual([]);
  });

  test("identifiers are split, so that code finds its translation", () => {
    const python =
      'def has_close_elements(numbers, threshold):\n  """ any two numbers closer than the threshold """';
    const js =
      "// Are two of the numbers closer than threshold?\nfunction hasCloseElements(numbers, threshold) {}";
    const all = [...cleanRows(100, 3), python, ...cleanRows(20, 4), js];
    const held = new Uint8Array(all.length).fill(1, 101);
    const found = findParaphrases(all, held).pairs.find(({ row }) => row === 121);
    expect(found).toMatchObject({ other: 100, kind: "paraphrase" });
  });

  test("takes any text", () => {
    const odd = [
      "",
      "\0",
      "\ud800 \udfff x",
      "a b c d".repeat(50_000),
      "x ".repeat(1e6),
      "東京".repeat(9_000),
    ];
    const all = [...odd, ...odd];
    expect(
      findParaphrases(
        all,
        Uint8Array.from(all, (_, row) => (row < odd.length ? 0 : 1)),
      ).pairs.length,
    ).toBe(4);
    expect(findParaphrases([], new Uint8Array(0)).pairs).toEqual([]);
  });
});

test("observations name both rows with the score", () => {
  const rows = texts.map((prompt, index): Row => {
    const isTest = heldOut[index] === 1;
    const place = isTest
      ? { file: "test.jsonl", line: index - train.length + 1 }
      : { file: "train.jsonl", line: index + 1 };
    return { part: isTest ? "test" : "train", place, prompt, answer: "", messages: [] };
  });
  const of = (part: Row["part"]): Row[] => rows.filter((row) => row.part === part);
  const parts = { train: of("train"), validation: [], test: of("test") };
  const observations = inspectRepeats(parts, new Map(), false).filter(({ finding }) =>
    /PARAPHRASE|TWIN/.test(finding.code),
  );
  const [leak, twins] = observations;
  expect(observations.map(({ finding }) => finding.code)).toEqual(["DATA_LEAK_PARAPHRASE", "DATA_LEAK_TWIN"]);
  expect(leak?.finding).toMatchObject({ severity: "warning", count: 1 });
  expect(leak?.finding.detail).toContain("first test.jsonl:201 as train.jsonl:401");
  expect(leak?.evidence[0]?.other).toEqual({ file: "train.jsonl", line: 401 });
  expect(leak?.evidence[0]?.reason).toMatch(/^says what train.jsonl:401 says, alike by 0\.\d\d$/);
  expect(twins?.evidence[0]?.reason).toContain("with other names or numbers");
});

const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));

describe.skipIf(!existsSync(data))("rephrased HumanEval", () => {
  test("with the threshold of the Python pairs, F1 is at least 0.95 for C and JavaScript", () => {
    const lines = readFileSync(`${data}paraphrase-humaneval/pairs.jsonl`, "utf8").trim().split("\n");
    const tasks = lines.map((line) => JSON.parse(line) as Record<string, string | null>);
    const originals = tasks.map(({ original }) => original ?? "");
    const likeness = likenessAmong(originals);
    const threshold = 0.1425; // the threshold with the highest F1 on the Python pairs, see the benchmark
    for (const language of ["c", "js"]) {
      const [same, different]: [number[], number[]] = [[], []];
      for (const [task, row] of tasks.entries()) {
        const text = row[`rephrased_${language}`] ?? "";
        if (text === "") continue;
        same.push(likeness(text, originals[task] ?? ""));
        for (const step of [1, 7, 31])
          different.push(likeness(text, originals[(task + step) % originals.length] ?? ""));
      }
      const share = (scores: number[]): number =>
        scores.filter((score) => score >= threshold).length / scores.length;
      expect((2 * share(same)) / (share(same) + share(different) + 1)).toBeGreaterThan(0.95);
    }
  });
});
