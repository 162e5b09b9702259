import { describe, expect, it, test } from "vitest";
import { broadcastShapes, equalDims, evaluateDim, sumDim, timesDim } from "./shape.ts";

describe("sizes with names", () => {
  it.each([
    ["N", "N", true],
    ["Q+Q", "2*Q", true],
    ["B*T", "T*B", true],
    ["2*Q+Z", "Z+Q+Q", true],
    ["P+0", "P", true],
    [12, "12", true],
    ["T", "3*Q+Z", false],
    ["Q", "2*Q", false],
  ])("%s and %s are the same whatever the names stand for: %s", (a, b, same) => {
    expect(equalDims(a, b)).toBe(same);
    expect(equalDims(b, a)).toBe(same);
  });

  test("equal sizes have equal values", () => {
    const binding = { B: 3, P: 5, Q: 7, T: 11, Z: 2 };
    const dims = ["Q+Q", "2*Q", "B*T", "T*B", "P+0", "2*Q+Z", "Z+Q+Q", "P", "Q"];
    for (const a of dims) {
      for (const b of dims) {
        if (equalDims(a, b)) expect(evaluateDim(a, binding)).toBe(evaluateDim(b, binding));
      }
    }
  });

  test("a name without a value is a bug of ours", () => {
    expect(() => evaluateDim("P+N", { P: 1 })).toThrow("N of P+N is not bound");
  });

  test("sums and products stay numbers where they can", () => {
    expect([sumDim(2, 3), sumDim(0, "N"), timesDim(1, "N"), timesDim(4, 5), sumDim("P", 1)]).toEqual([
      5,
      "N",
      "N",
      20,
      "P+1",
    ]);
  });

  test("shapes broadcast like NumPy's", () => {
    expect(broadcastShapes(["B", 1, 4], ["T", 1])).toEqual(["B", "T", 4]);
    expect(() => broadcastShapes(["N"], ["T"])).toThrow("do not broadcast");
  });
});
