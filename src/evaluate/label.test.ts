import { expect, test } from "vitest";
import { labelReader, labelsOf, labelTable, macroF1, precisionRecall } from "./label.ts";

const labels = ["card_arrival", "card not working", "Refund?", "yes", "Yes"];
const read = labelReader(labels);

test.each([
  ["card_arrival", 0],
  [" card_arrival \n", 0],
  ["card_arrival.", 0],
  ["`card_arrival`", 0],
  ["**Card_Arrival**", 0],
  ["CARD NOT WORKING", 1],
  ["card_arrival\nBecause the card has not come.", 0],
  ["Refund?", 2],
  ["refund?", 2],
  ['"refund?"', 2],
  ["yes", 3],
  ["Yes", 4],
  ["YES", -1], // two labels differ by case only, so case decides
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

test("a label that consists of marks is still found", () => {
  expect(labelReader(["!", "?"])("?")).toBe(1);
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
