import { expect, test } from "vitest";
import { labelReader, labelsOf, labelTable, macroF1, precisionRecall } from "./label.ts";

const labels = ["card_arrival", "card not working", "Refund?", "yes", "Yes"];
const read = (answer: string): number => labelReader(labels)(answer);

test.each([
  ["card_arrival", 0],
  [" card_arrival \n", 0],
  ["card_arrival.", 0],
  ["`card_arrival`", 0],
  ["**Card_Arrival**", 0],
  ["CARD NOT WORKING", 1],
  ["card_arrival\nBecause the card has not come.", 0],
  ["\n card_arrival \nBecause the card has not come.", 0],
  ["Refund?", 2],
  ["refund?", 2],
  ['"refund?"', 2],
  ["yes", 3],
  ["Yes", 4],
  ["YES", -1], // two labels differ only in case, so case counts
  ["The label is card_arrival", -1],
  ["card_arrival card_arrival", -1],
  ["card arrival", -1],
  ["constructor", -1],
  ["__proto__", -1],
  ["", -1],
  ["...", -1],
])("%j names label %i", (answer, index) => {
  expect(read(answer)).toBe(index);
});

test("labels that consist of marks alone are told apart by letter", () => {
  const marks = labelReader(["!", "..."]);
  expect(["!", "...", " ... ", "! \nas it says", ""].map(marks)).toEqual([0, 1, 1, 0, -1]);
});

test("hostile answers are read in linear time", () => {
  expect(read(`${"\" '".repeat(300_000)}x`)).toBe(-1);
});

test("declared labels come first, references add theirs", () => {
  expect(labelsOf(["b", "a "], ["a", "c", "b", "c"])).toEqual(["b", "a", "c"]);
});

const outcomes = [
  { value: 1, weight: 1, pair: [0, 0] as const },
  { value: 0, weight: 1, pair: [0, 1] as const },
  { value: 0, weight: 1, pair: [0, 1] as const },
  { value: 1, weight: 1, pair: [1, 1] as const },
  { value: 0, weight: 1, pair: [1, -1] as const },
];

test("the table of labels", () => {
  expect(labelTable(outcomes, ["a", "b", "never"])).toEqual({
    labels: [
      { label: "a", precision: 1, recall: 1 / 3, f1: 0.5, support: 3, answered: 1 },
      { label: "b", precision: 1 / 3, recall: 0.5, f1: 0.4, support: 2, answered: 3 },
    ],
    confusions: [
      { expected: "a", answered: "b", count: 2 },
      { expected: "b", answered: null, count: 1 },
    ],
    unknown: 1,
    matrix: [
      [1, 2, 0],
      [0, 1, 1],
    ],
  });
  expect(macroF1(outcomes, null)).toBeCloseTo(0.45, 12);
});

test("macro-F1 of drawn rows looks at those only", () => {
  expect(macroF1(outcomes, Int32Array.of(0, 0, 3))).toBe(1);
  expect(macroF1(outcomes, Int32Array.of(4))).toBe(0);
  expect(macroF1([], null)).toBeNaN();
});

test("at most ten confusions, worst first", () => {
  const many = Array.from({ length: 24 }, (_, i) => ({
    value: 0,
    weight: 1,
    pair: [i, (i + 1) % 24] as const,
  }));
  const table = labelTable(
    [...many, { value: 0, weight: 1, pair: [5, 6] }],
    many.map((_, i) => `l${i}`),
  );
  expect(table.confusions).toHaveLength(10);
  expect(table.confusions[0]).toEqual({ expected: "l5", answered: "l6", count: 2 });
});

test("no denominator gives 0, not NaN", () => {
  expect(precisionRecall(0, 0, 0)).toEqual({ precision: 0, recall: 0, f1: 0 });
  expect(precisionRecall(0, 0, 4)).toEqual({ precision: 0, recall: 0, f1: 0 });
});

test("labels keep their place whatever white space the recipe wrote around them", () => {
  const spaced = labelReader([" first ", "second\n"]);
  expect(["first", "second", "FIRST"].map(spaced)).toEqual([0, 1, 0]);
  expect(["yes", "Yes", "YES"].map(labelReader([" yes", "Yes "]))).toEqual([0, 1, -1]);
});

test("a label of several lines is read whole, and before its first line alone", () => {
  const lines = labelReader(["a", "a\nb"]);
  expect(["a\nb", "a\nc", "a"].map(lines)).toEqual([1, 0, 0]);
});

test("of mix-ups as frequent as each other the first label comes first, then the first answer", () => {
  const wrong = [
    [2, 0],
    [1, 2],
    [1, -1],
    [0, 2],
    [1, 0],
    [2, 1],
    [2, 1],
  ] as const;
  const { confusions } = labelTable(
    wrong.map((pair) => ({ value: 0, weight: 1, pair })),
    ["a", "b", "c"],
  );
  expect(confusions.map(({ expected, answered, count }) => `${expected} ${answered} ${count}`)).toEqual([
    ...["c b 2", "a c 1", "b null 1", "b a 1", "b c 1", "c a 1"],
  ]);
});

test("rows without a pair of labels are passed over", () => {
  const bare = { value: 0, weight: 0 };
  expect(labelTable([bare, ...outcomes, bare], ["a", "b", "never"])).toEqual(
    labelTable(outcomes, ["a", "b", "never"]),
  );
  expect(macroF1([bare, ...outcomes, bare], null)).toBe(macroF1(outcomes, null));
  expect(macroF1([bare], null)).toBeNaN();
});

test("the matrix has the labels that occur, in the order of the table", () => {
  const pairs = [
    [3, 1],
    [1, 3],
    [3, 3],
    [3, 3],
    [3, -1],
    [3, -1],
  ] as const;
  const table = labelTable(
    pairs.map((pair) => ({ value: 0, weight: 1, pair })),
    ["never", "b", "nor this", "d"],
  );
  expect(table.labels.map(({ label, support, answered }) => [label, support, answered])).toEqual([
    ["b", 1, 1],
    ["d", 5, 3],
  ]);
  expect(table.matrix).toEqual([
    [0, 1, 0],
    [1, 2, 2],
  ]);
  expect(table.labels[1]).toMatchObject({ recall: 2 / 5, precision: 2 / 3 });
  expect(table.unknown).toBe(2);
});

test("a label that was only ever answered, never right, is in the table too", () => {
  const table = labelTable([{ value: 0, weight: 1, pair: [0, 1] }], ["a", "b"]);
  expect(table.labels).toEqual([
    { label: "a", precision: 0, recall: 0, f1: 0, support: 1, answered: 0 },
    { label: "b", precision: 0, recall: 0, f1: 0, support: 0, answered: 1 },
  ]);
  expect(macroF1([{ value: 0, weight: 1, pair: [0, 1] }], null)).toBe(0);
});

test.each([
  [100, true],
  [101, false],
])("of %i labels the matrix is given: %s", (count, isGiven) => {
  const rows = Array.from({ length: count }, (_, at) => ({ value: 1, weight: 1, pair: [at, at] as const }));
  const { matrix } = labelTable(
    rows,
    rows.map((_, at) => `l${at}`),
  );
  expect(matrix !== null).toBe(isGiven);
});
