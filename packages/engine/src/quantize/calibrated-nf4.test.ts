/** @file Calibrated NF4: smaller errors than plain rounding on its calibration inputs, also if they are independent. */

import { type Random, xoshiro128From } from "@tunewise/core/math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dequantizeNf4, quantizeNf4 } from "../weights/index.ts";
import { calibrateNf4, inputOrder, lowerFactor } from "./calibrated-nf4.ts";
import { type InputMoments, refineNf4 } from "./refine-nf4.ts";

/** Approximately normal: the sum of 12 uniform numbers. */
function normal(random: Random): number {
  return Array.from({ length: 12 }, () => random()).reduce((sum, value) => sum + value, -6);
}

/** Correlated inputs, `[count, width]`. */
function inputs(width: number, count: number, seed: number): Float64Array {
  const random = xoshiro128From(seed);
  const mixed = Float64Array.from({ length: 8 * width }, () => normal(random));
  const x = new Float64Array(count * width);
  for (let at = 0; at < count; at++) {
    const hidden = Float64Array.from({ length: 8 }, () => normal(random));
    for (let column = 0; column < width; column++) {
      let sum = 0.3 * normal(random);
      for (let part = 0; part < 8; part++)
        sum += (hidden[part] as number) * (mixed[part * width + column] as number);
      x[at * width + column] = sum;
    }
  }
  return x;
}

function momentsOf(x: Float64Array, columns: number, width: number): InputMoments {
  const blocks: Float64Array[] = [];
  for (let from = 0; from < columns; from += width) {
    const size = Math.min(width, columns - from);
    const block = new Float64Array(size * size);
    for (let at = 0; at < x.length; at += columns) {
      for (let i = 0; i < size; i++) {
        for (let k = 0; k < size; k++) {
          block[i * size + k] =
            (block[i * size + k] as number) + (x[at + from + i] as number) * (x[at + from + k] as number);
        }
      }
    }
    blocks.push(block);
  }
  return { width, blocks };
}

/** Sum of squared changes of the products with the inputs. */
function damage(before: Float32Array, after: Float32Array, rows: number, x: Float64Array): number {
  const columns = before.length / rows;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < x.length; at += columns) {
      let change = 0;
      for (let column = 0; column < columns; column++) {
        const place = row * columns + column;
        change += ((after[place] as number) - (before[place] as number)) * (x[at + column] as number);
      }
      sum += change * change;
    }
  }
  return sum;
}

test("the factor gives the matrix back", () => {
  const n = 6;
  const x = inputs(n, 20, 3);
  const [matrix] = momentsOf(x, n, n).blocks as [Float64Array];
  const { factor: c, corners } = lowerFactor(matrix, n, 0);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let row = Math.max(i, k); row < n; row++) {
        sum += (corners[row] as number) * (c[row * n + i] as number) * (c[row * n + k] as number);
      }
      expect(sum).toBeCloseTo(matrix[i * n + k] as number, 8);
    }
  }
});

test.each([false, true])(
  "where inputs are independent it is no worse than rounding, nested: %s",
  (nested) => {
    const random = xoshiro128From(5);
    const values = Float32Array.from({ length: 4 * 128 }, () => normal(random));
    const block = new Float64Array(128 * 128);
    for (let at = 0; at < 128; at++) block[at * 128 + at] = 1 + at;
    const made = calibrateNf4(values, 4, { width: 128, blocks: [block] }, nested);
    const [plain, calibrated] = [quantizeNf4(values, nested), made].map((tensor) =>
      dequantizeNf4(tensor, values.length).reduce(
        (sum, value, at) => sum + (1 + (at % 128)) * (value - (values[at] as number)) ** 2,
        0,
      ),
    );
    expect(calibrated).toBeLessThan(plain as number);
  },
);

test("a second look never makes the change of the products larger", () => {
  const [rows, columns] = [6, 192];
  const random = xoshiro128From(13);
  const values = Float32Array.from({ length: rows * columns }, () => 0.05 * normal(random));
  const x = inputs(columns, 200, 17);
  const moments = momentsOf(x, columns, columns);
  for (const nested of [false, true]) {
    const tensor = quantizeNf4(values, nested);
    const before = damage(values, dequantizeNf4(tensor, values.length), rows, x);
    refineNf4(tensor, values, rows, moments, 0);
    const after = damage(values, dequantizeNf4(tensor, values.length), rows, x);
    expect(after).toBeLessThan(0.5 * before);
    const codes = tensor.codes.slice();
    for (let more = 0; more < 20; more++) refineNf4(tensor, values, rows, moments, 0);
    const end = damage(values, dequantizeNf4(tensor, values.length), rows, x);
    expect(end).toBeLessThanOrEqual(after);
    // Once converged, another refinement changes nothing.
    codes.set(tensor.codes);
    refineNf4(tensor, values, rows, moments, 0);
    expect(tensor.codes).toEqual(codes);
  }
});

test("inputs that weigh most come first, those of a scale together", () => {
  const width = 192;
  const block = new Float64Array(width * width);
  for (let at = 0; at < width; at++) block[at * width + at] = at < 64 ? at : at < 128 ? 1000 + at : 0.5;
  const order = [...inputOrder(block, width, width)];
  expect(order.slice(0, 2)).toEqual([127, 126]);
  expect(order[64]).toBe(63);
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: width }, (_, at) => at));
  expect([...inputOrder(block, width, 200)]).toEqual(Array.from({ length: width }, (_, at) => at));
});

describe.each([
  [128, 128],
  [192, 128],
  [256, 64],
  [100, 64],
])("%i columns in blocks of %i", (columns, width) => {
  test("products with the inputs change far less than by rounding to the nearest", () => {
    const rows = 12;
    const random = xoshiro128From(7);
    const values = Float32Array.from({ length: rows * columns }, () => 0.05 * normal(random));
    const x = inputs(columns, 200, 11);
    const made = calibrateNf4(values, rows, momentsOf(x, columns, width), false);
    const [plain, calibrated] = [quantizeNf4(values, false), made].map((tensor) =>
      damage(values, dequantizeNf4(tensor, values.length), rows, x),
    );
    expect(calibrated).toBeLessThan(0.5 * (plain as number));
  });
});

test("a block of small weights is given the room it takes to make up for the one before", () => {
  const [rows, half] = [6, 64];
  const random = xoshiro128From(9);
  const size = (place: number): number => (place % (2 * half) < half ? 1 : 0.001);
  const values = Float32Array.from({ length: rows * 2 * half }, (_, place) => size(place) * normal(random));
  // Each input of the second half nearly equals one of the first half.
  const x = inputs(2 * half, 300, 4);
  for (let at = 0; at < x.length; at += 2 * half) {
    for (let column = 0; column < half; column++)
      x[at + half + column] = (x[at + column] as number) + 0.01 * normal(random);
  }
  const made = calibrateNf4(values, rows, momentsOf(x, 2 * half, 2 * half), false);
  const [plain, calibrated] = [quantizeNf4(values, false), made].map((tensor) =>
    damage(values, dequantizeNf4(tensor, values.length), rows, x),
  );
  expect(calibrated).toBeLessThan(0.05 * (plain as number));
});

test("zeros, huge and tiny weights come out as finite numbers", () => {
  const weight = fc.constantFrom(0, 1e-40, -1e-30, 1, -3, 1e30, 0.01);
  fc.assert(
    fc.property(fc.array(weight, { minLength: 128, maxLength: 128 }), (list) => {
      const values = Float32Array.from(list);
      const made = calibrateNf4(values, 1, momentsOf(inputs(128, 30, 2), 128, 128), false);
      expect(dequantizeNf4(made, 128).every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
