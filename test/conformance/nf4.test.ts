/** Codes, scales and values of NF4 against bitsandbytes; see golden/scripts/make-nf4.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dynamicValues } from "../../packages/engine/src/weights/nf4/blockwise.ts";
import { dequantizeNf4, nestScales, quantizeNf4 } from "../../packages/engine/src/weights/nf4/nf4.ts";

const file = readFileSync(new URL("golden/quantize/nf4.safetensors", import.meta.url));
const headerBytes = Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, 8 + headerBytes).toString()) as Record<
  string,
  { dtype: string; data_offsets: [number, number] }
>;

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  const [from, until] = header[name]?.data_offsets ?? [0, 0];
  expect(until, name).toBeGreaterThan(from);
  return Uint8Array.from(file.subarray(8 + headerBytes + from, 8 + headerBytes + until));
}

const floatsOf = (name: string): Float32Array => new Float32Array(bytesOf(name).buffer);
const names = Object.keys(header).flatMap((name) => (name.endsWith(".x") ? [name.slice(0, -2)] : []));

test("the table of the 8-bit type", () => {
  expect(dynamicValues).toEqual(floatsOf("map"));
});

describe.each(names)("%s", (name) => {
  const x = floatsOf(`${name}.x`);

  test("codes, scales and values, to the bit", () => {
    const { codes, scales } = quantizeNf4(x, false);
    if (scales.kind !== "plain") throw new Error("nested");
    expect(codes).toEqual(bytesOf(`${name}.plain.codes`));
    expect(scales.absmax).toEqual(floatsOf(`${name}.plain.absmax`));
    expect(dequantizeNf4({ codes, scales }, x.length)).toEqual(floatsOf(`${name}.plain.back`));
  });

  test("scales in 8 bits, to the bit for the same mean, which itself differs by a rounding at most", () => {
    const mean = floatsOf(`${name}.nested.offset`)[0] as number;
    const scales = nestScales(floatsOf(`${name}.plain.absmax`), mean);
    const own = quantizeNf4(x, true);
    if (scales.kind !== "nested" || own.scales.kind !== "nested") throw new Error("not nested");
    expect(own.codes).toEqual(bytesOf(`${name}.nested.codes`));
    expect(scales.codes).toEqual(bytesOf(`${name}.nested.absmax`));
    expect(scales.absmax).toEqual(floatsOf(`${name}.nested.outer`));
    expect(dequantizeNf4({ codes: own.codes, scales }, x.length)).toEqual(floatsOf(`${name}.nested.back`));
    expect(Math.abs(own.scales.offset / mean - 1)).toBeLessThan(2 ** -22);
  });
});
