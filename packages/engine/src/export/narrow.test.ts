import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dequantize, halfValueTable } from "../weights/index.ts";
import { bfloat16Of, float16Of, narrow, type WrittenType, writtenBytes } from "./narrow.ts";

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}

function written(type: WrittenType, values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([...narrow(type, values)]));
}

describe("halves", () => {
  it("of every half are themselves", () => {
    for (const [half, value] of halfValueTable().entries()) {
      if (Number.isFinite(value)) expect(float16Of(bitsOf(value))).toBe(half);
      else expect(float16Of(bitsOf(value)) & 0x7c00).toBe(0x7c00);
    }
  });

  it("are the nearest ones, the even one of two", () => {
    const finite = [...halfValueTable().subarray(0, 0x7c00).entries()];
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-65_519), max: Math.fround(65_519), noNaN: true }), (value) => {
        const found = halfValueTable()[float16Of(bitsOf(value))] as number;
        const size = Math.abs(value);
        const best = finite.reduce((least, [, half]) => Math.min(least, Math.abs(half - size)), Infinity);
        expect(Math.abs(found - value)).toBe(best);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["half way up to an even one", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ["half way down to an even one", 1 + 2 ** -11, 1],
    ["half the smallest", 2 ** -25, 0],
    ["just above half the smallest", 2 ** -25 * 1.0001, 2 ** -24],
    ["the largest", 65_504, 65_504],
    ["just below what rounds up", 65_519, 65_504],
    ["negative", -0.1, -0.0999755859375],
    ["minus zero", -0, -0],
  ])("%s", (_, value, expected) => {
    expect(halfValueTable()[float16Of(bitsOf(value))]).toBe(Math.fround(expected));
  });

  it.each([65_520, 1e30, -1e30, Infinity])("%s is infinite", (value) => {
    expect(float16Of(bitsOf(value)) & 0x7fff).toBe(0x7c00);
  });
});

describe("bfloat16", () => {
  it.each([
    [1, 0x3f80],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [-2, 0xc000],
    [Infinity, 0x7f80],
  ])("of %s", (value, expected) => {
    expect(bfloat16Of(bitsOf(value))).toBe(expected);
  });

  it("of no number are no number", () => {
    expect(bfloat16Of(0x7f800001) & 0x7fff).toBeGreaterThan(0x7f80);
    expect(bfloat16Of(0xffffffff) & 0x7fff).toBeGreaterThan(0x7f80);
  });
});

describe("a tensor", () => {
  const values = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i) * (1 + (i % 7)));

  it.each<[WrittenType, number]>([
    ["f32", 0],
    ["f16", 2 ** -11],
    ["bf16", 2 ** -8],
    ["q8_0", 1 / 120],
  ])("in %s comes back within the type's rounding", (type, relative) => {
    const bytes = written(type, values);
    expect(bytes.length).toBe(writtenBytes(type, values.length));
    const stored = { f32: "F32", f16: "F16", bf16: "BF16", q8_0: "Q8_0" } as const;
    const back = dequantize(stored[type], bytes);
    for (const [i, value] of values.entries()) {
      expect(Math.abs((back[i] as number) - value)).toBeLessThanOrEqual(7 * relative);
    }
  });

  it("longer than a piece is written whole", () => {
    const long = new Float32Array(2 ** 20 + 32).fill(0.5);
    for (const type of ["f32", "f16", "bf16", "q8_0"] as const) {
      expect(written(type, long).length).toBe(writtenBytes(type, long.length));
    }
  });

  it.each<[WrittenType, number, number[]]>([
    ["f16", 70_000, [70_000]],
    ["bf16", 70_000, []],
    ["q8_0", 70_000, []],
    ["q8_0", 1e8, [1e8]],
    ["f16", Infinity, []],
  ])("in %s with %s tells what does not fit", (type, value, expected) => {
    const told: number[] = [];
    for (const _ of narrow(type, new Float32Array(32).fill(value), (one) => told.push(one)));
    expect([...new Set(told)]).toEqual(expected);
  });

  it("of zeros stays zeros in blocks", () => {
    expect(written("q8_0", new Float32Array(64)).every((byte) => byte === 0)).toBe(true);
  });
});
