/** @file Tests the agreement of two judges against hand-computed values. */
import { expect, test } from "vitest";
import { agreement } from "./agreement.ts";

const verdicts = (text: string): string[] => [...text];

// Cohen's kappa = (raw - chance) / (1 - chance), where chance is the sum of products of shares
test.each([
  { first: "aaab", second: "aabb", raw: 0.75, kappa: 0.5 }, // chance 3/4 1/2 + 1/4 1/2
  { first: "ab", second: "ba", raw: 0, kappa: -1 },
  { first: "abc", second: "abc", raw: 1, kappa: 1 },
  { first: "aabb", second: "abab", raw: 0.5, kappa: 0 },
  { first: "aabbcc", second: "aabbca", raw: 5 / 6, kappa: 0.75 }, // chance 1/3 1/2 + 1/3 1/3 + 1/3 1/6
  { first: "aa", second: "bb", raw: 0, kappa: 0 }, // no agreement, and none expected by chance
])("$first beside $second", ({ first, second, raw, kappa }) => {
  const found = agreement(verdicts(first), verdicts(second));
  expect(found).toEqual({
    items: first.length,
    raw: expect.closeTo(raw, 12),
    kappa: expect.closeTo(kappa, 12),
  });
});

test("kappa of a table of fifty", () => {
  const a = "y".repeat(25) + "n".repeat(25);
  const b = "y".repeat(20) + "n".repeat(5) + "y".repeat(10) + "n".repeat(15);
  expect(agreement([...a], [...b])).toEqual({ items: 50, raw: 0.7, kappa: expect.closeTo(0.4, 12) });
});

test("judges that cannot disagree have no kappa", () => {
  expect(agreement(["y", "y"], ["y", "y"])).toEqual({ items: 2, raw: 1, kappa: null });
});
