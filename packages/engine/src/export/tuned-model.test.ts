import fc from "fast-check";
import { expect, it } from "vitest";
import { mergeLowRank } from "./tuned-model.ts";

const value = fc.float({ min: -4, max: 4, noNaN: true });

it("adds scaling B A", () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 5 }),
    rank: fc.integer({ min: 1, max: 4 }),
    scaling: value,
    values: fc.array(value, { minLength: 65, maxLength: 65 }),
  });
  fc.assert(
    fc.property(sizes, ({ rows, width, rank, scaling, values }) => {
      const weight = Float32Array.from(values.slice(0, rows * width));
      const a = Float32Array.from(values.slice(25, 25 + rank * width));
      const b = Float32Array.from(values.slice(45, 45 + rows * rank));
      const expected = weight.map((before, at) => {
        const [row, column] = [Math.floor(at / width), at % width];
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += (b[row * rank + k] ?? 0) * (a[k * width + column] ?? 0);
        return before + scaling * sum;
      });
      mergeLowRank(weight, a, b, rank, scaling);
      for (const [at, one] of weight.entries()) expect(one).toBeCloseTo(expected[at] as number, 4);
    }),
  );
});

it("leaves a fresh adapter's matrix to the bit", () => {
  const weight = Float32Array.of(0.1, -0, 1e-30, 3e38);
  mergeLowRank(weight, Float32Array.of(5, 7), new Float32Array(2), 1, 2);
  expect([...weight]).toEqual([...Float32Array.of(0.1, -0, 1e-30, 3e38)]);
});

it("refuses matrices that do not fit, as a bug", () => {
  expect(() => mergeLowRank(new Float32Array(3), new Float32Array(2), new Float32Array(2), 1, 1)).toThrow(
    "Internal: 3 values for 2 rows of 2",
  );
});
