/** @file Groups and times of rows, in every notation a column may use. */
import { expect, test } from "vitest";
import { originOf, timeOf } from "./read.ts";

test.each([
  ["2024-03-01", Date.UTC(2024, 2, 1)],
  ["2024-03-01T12:00:00Z", Date.UTC(2024, 2, 1, 12)],
  [1_709_251_200, Date.UTC(2024, 2, 1)],
  ["1709251200", Date.UTC(2024, 2, 1)],
  [1_709_251_200_000, Date.UTC(2024, 2, 1)],
  [1_709_251_200n, Date.UTC(2024, 2, 1)],
  [new Date("2024-03-01T00:00:00Z"), Date.UTC(2024, 2, 1)],
  ["yesterday", null],
  [Number.NaN, null],
  [{}, null],
  ["9".repeat(100), null],
])("timeOf(%s)", (value, time) => {
  expect(timeOf(value)).toBe(time);
});

test.each([
  [{ customer: " A7 " }, { group: "A7" }],
  [{ customer: 12 }, { group: "12" }],
  [{ customer: "" }, {}],
  [{ customer: null }, {}],
  [{}, {}],
  [{ customer: "x".repeat(2_000) }, {}],
])("the group of %o", (fields, origin) => {
  expect(originOf(fields, { group: "customer", time: null })).toEqual(origin);
});

test("columns that nobody names are not read", () => {
  expect(originOf({ customer: "a", at: "2024-01-01" }, { group: null, time: null })).toEqual({});
});
