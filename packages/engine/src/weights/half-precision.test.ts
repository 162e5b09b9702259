import { describe, expect, it } from "vitest";
import { halfValueTable, widenBFloat16, widenHalf } from "./half-precision.ts";

/** Reference implementation by the definition of the format, with numbers instead of bits. */
function halfByDefinition(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe("halves", () => {
  it("are exact for all 65,536 patterns", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const values = widenHalf(new Uint8Array(all.buffer));
    const wrong = [...values.keys()].filter((i) => !Object.is(values[i], halfByDefinition(i)));
    expect(wrong).toEqual([]);
    expect(halfValueTable()[0x3c00]).toBe(1);
  });

  it("keep the payload of a NaN", () => {
    const bits = new Uint32Array(widenHalf(new Uint8Array(Uint16Array.of(0x7e01, 0xfd55).buffer)).buffer);
    expect([...bits]).toEqual([0x7fc02000, 0xffaaa000]);
  });
});

describe("bfloat16", () => {
  it("are the upper halves of float32", () => {
    const patterns = [0x0000, 0x8000, 0x3f80, 0xc020, 0x7f80, 0xff80, 0x7fc1, 0x0001];
    const bits = new Uint32Array(widenBFloat16(new Uint8Array(Uint16Array.from(patterns).buffer)).buffer);
    expect([...bits]).toEqual(patterns.map((pattern) => (pattern << 16) >>> 0));
  });

  it("honor a view's own offset", () => {
    const bytes = new Uint8Array(Uint16Array.of(0x4000, 0x3f80).buffer);
    expect([...widenBFloat16(bytes.subarray(2))]).toEqual([1]);
  });
});
