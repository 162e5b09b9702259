import { expect, test } from "vitest";
import { differenceSentence } from "./difference-sentence.ts";

test.each([
  [
    "exact_match",
    0.084,
    { low: 0.012, high: 0.156 },
    "better",
    "better by 8.4 points (95 %: 1.2-15.6), over 40 rows",
  ],
  [
    "exact_match",
    -0.1,
    { low: -0.2, high: -0.01 },
    "worse",
    "worse by 10.0 points (95 %: -20.0 to -1.0), over 40 rows",
  ],
  [
    ...["exact_match", -0.014, { low: -0.031, high: 0.002 }, "unclear"],
    "cannot tell: -1.4 points (95 %: -3.1 to 0.2), over 40 rows",
  ],
  [
    "perplexity",
    -1.25,
    { low: -2, high: -0.5 },
    "better",
    "better by 1.250 (95 %: -2.000 to -0.5000), over 40 rows",
  ],
  ["exact_match", 0, null, "unclear", "cannot tell: 0.0 points (no interval), over 40 rows"],
] as const)("%s %s", (metric, value, interval, verdict, sentence) => {
  expect(differenceSentence(metric, { value, interval, verdict, rows: 40 })).toBe(sentence);
});

test("no row that was scored for both shows nothing", () => {
  const none = { value: Number.NaN, interval: null, verdict: "unclear", rows: 0 } as const;
  expect(differenceSentence("exact_match", none)).toBe("cannot tell: no row was scored for both");
});
