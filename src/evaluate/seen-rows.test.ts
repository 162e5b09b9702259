import { expect, test } from "vitest";
import { compareScores } from "./compare.ts";
import { judge } from "./judge.ts";
import { withoutRows } from "./seen-rows.ts";

test("a score without some rows is that of the others alone", () => {
  const references = ["a", "b", "a", "b"];
  const [base, tuned] = [["a", "a", "b", "b"], references].map((answers) => {
    const [score] = judge(["accuracy"], { answers }, references, { labels: ["a", "b"] });
    if (!score) throw new Error("no score");
    return score;
  });
  if (!base || !tuned) throw new Error("no score");
  const left = new Set([1, 2]);
  expect(withoutRows(base, left)).toMatchObject({ value: 1, rows: 2 });
  const rest = compareScores(withoutRows(base, left), withoutRows(tuned, left));
  expect(rest).toMatchObject({ rows: 2, difference: 0, verdict: "unclear" });
  expect(compareScores(base, tuned).difference).toBe(0.5);
});
