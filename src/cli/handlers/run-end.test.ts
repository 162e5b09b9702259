import { expect, test } from "vitest";
import { coverageOf } from "../../evaluate/index.ts";
import { besideScore, numberText } from "./run-end.ts";

test("beside a score stands how many rows it leaves out, and of a void one no verdict", () => {
  expect(besideScore("better", coverageOf(100, 0))).toBe("better");
  expect(besideScore("better", coverageOf(100, 2))).toBe("better, 2 of 102 rows not judged");
  expect(besideScore("", coverageOf(100, 2))).toBe("2 of 102 rows not judged");
  expect(besideScore("unclear", coverageOf(49, 71))).toBe("void: 71 of 120 rows not judged");
  expect([numberText(0.347), numberText(Number.NaN)]).toEqual(["0.3470", "-"]);
});
