import { expect, test } from "vitest";
import { DeadlinePassed, withDeadline } from "./deadline.ts";

const endless = [
  ["a regular expression", () => /^(?:a|a)*b/.test("a".repeat(60))],
  [
    "a loop",
    () => {
      for (let at = 0; at >= 0; at = (at + 1) % 1000);
    },
  ],
  ["a replacement", () => "x".repeat(60).replace(/(?:x|x)*z/g, "")],
] as const;

test.each(endless)("%s without an end is cut off", (_, work) => {
  const start = performance.now();
  expect(() => withDeadline(0.2, work as () => unknown)).toThrow(DeadlinePassed);
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("what comes back, and what is thrown, comes out as it is", () => {
  const value = { a: 1 };
  expect(withDeadline(5, () => value)).toBe(value);
  const error = new TypeError("mine");
  expect(() =>
    withDeadline(5, () => {
      throw error;
    }),
  ).toThrow(error);
});

test("inside of a deadline the outer one counts, and after it the next one is set anew", () => {
  expect(() => withDeadline(0.2, () => withDeadline(60, endless[1][1]))).toThrow("more than 0.2 s");
  expect(withDeadline(0.5, () => withDeadline(0.001, () => 3))).toBe(3);
  expect(() => withDeadline(0.1, endless[0][1])).toThrow("more than 0.1 s");
});
