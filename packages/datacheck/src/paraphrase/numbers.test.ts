import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numbersIn, numbersShared, numberWords } from "./numbers.ts";

describe("numbersIn", () => {
  test.each([
    ["She has 16 eggs, eats three and sells the rest at $2.50", [16, 3, 2.5]],
    ["1,000 people and 1000 chairs", [1000]],
    ["someone often tends one tenth of it", []],
    ["Twenty-two HUNDRED", [20, 2, 100]],
    ["id 12345678901234567890", []],
    ["2nd x3 4_ five_ 6.7.8, 9. 1,,2", [2, 3, 4, 6.7, 8, 9, 12]],
    ["", []],
  ])("reads %j", (text, numbers) => {
    expect([...numbersIn(text)]).toEqual(numbers);
  });

  test("each number word of the table, by itself and in no other word", () => {
    for (const [word, value] of numberWords) {
      expect([...numbersIn(`all ${word}, then`)]).toEqual([value]);
      expect(numbersIn(`x${word} ${word}x`).size).toBe(0);
    }
  });

  test("takes any text, in linear time", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => numbersIn(text).size >= 0));
    for (const unit of ["1,", "1.", "t", "1 ", "nine"]) {
      const start = performance.now();
      numbersIn(unit.repeat(500_000));
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});

test("numbers shared, of the text with more", () => {
  expect(numbersShared("two of 5", "2 of 5 and 7")).toBeCloseTo(2 / 3);
  expect(numbersShared("two", "none here")).toBe(1);
});
