/** @file Calibrated NF4: never worse on the inputs it was made for, and plain rounding where inputs are independent. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../random/random.ts";
import { calibrateNf4, type InputMoments } from "./calibrated-nf4.ts";
import { lowerFactor } from "./lower-factor.ts";
import { dequantizeNf4, quantizeNf4 } from "./nf4.ts";

/** About normal: twelve uniform numbers, added. */
function normal(random: Random): number {
  return Array.from({ length: 12 }, () => random.uniform()).reduce((sum, value) => sum + value, -6);
}

/** Inputs that hang together, `[count, width]`. */
function inputs(width: number, count: number, seed: number): Float64Array {
  const random = createRandom(seed);
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

/** Squared change of the products with the inputs. */
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
  const c = lowerFactor(matrix, n, 0);
  // x^T H x = sum of d[i] (c x)[i]^2; the d follow from the last unit vectors up
  const scales = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let rest = matrix[i * n + i] as number;
    for (let below = i + 1; below < n; below++)
      rest -= (scales[below] as number) * (c[below * n + i] as number) ** 2;
    scales[i] = rest;
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let row = Math.max(i, k); row < n; row++) {
        sum += (scales[row] as number) * (c[row * n + i] as number) * (c[row * n + k] as number);
      }
      expect(sum).toBeCloseTo(matrix[i * n + k] as number, 8);
    }
  }
});

test("where inputs are independent it rounds to the nearest, code for code", () => {
  const random = createRandom(5);
  const values = Float32Array.from({ length: 4 * 128 }, () => normal(random));
  const block = new Float64Array(128 * 128);
  for (let at = 0; at < 128; at++) block[at * 128 + at] = 1 + at;
  for (const nested of [false, true]) {
    expect(calibrateNf4(values, 4, { width: 128, blocks: [block] }, nested)).toEqual(
      quantizeNf4(values, nested),
    );
  }
});

describe.each([
  [128, 128],
  [192, 128],
  [256, 64],
  [100, 64],
])("%i columns in blocks of %i", (columns, width) => {
  test("products with the inputs change far less than by rounding to the nearest", () => {
    const rows = 12;
    const random = createRandom(7);
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
  const random = createRandom(9);
  const size = (place: number): number => (place % (2 * half) < half ? 1 : 0.001);
  const values = Float32Array.from({ length: rows * 2 * half }, (_, place) => size(place) * normal(random));
  // Each input of the second half says nearly the same as one of the first.
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
