import { expect, test } from "vitest";
import { dequantizeNf4, widenBFloat16, widenHalf } from "../weights/index.ts";
import { createKernels } from "./kernels.ts";

const count = 65_536;

test.each([
  ["half", widenHalf],
  ["brain", widenBFloat16],
] as const)("every one of the 65,536 %s floats is widened to the bit", (kind, reference) => {
  const { memory, kernels } = createKernels(6 * count);
  const source = new Uint16Array(memory.buffer, 4 * count, count);
  for (let at = 0; at < count; at++) source[at] = at;
  (kind === "half" ? kernels.widenHalf : kernels.widenBrain)(4 * count, 0, 4 * count);
  const expected = reference(Uint8Array.from(new Uint8Array(source.buffer, 4 * count, 2 * count)));
  expect(new Uint32Array(memory.buffer, 0, count)).toEqual(new Uint32Array(expected.buffer));
});

test("4-bit codes become what plain code makes of them, and nothing else is written", () => {
  const blocks = 7;
  const codes = Uint8Array.from({ length: 32 * blocks }, (_, at) => (at * 37 + (at >> 3)) & 255);
  const absmax = Float32Array.from({ length: blocks }, (_, at) => 0.1 + at ** 3);
  const { memory, kernels } = createKernels(4096 * 2);
  new Uint8Array(memory.buffer).fill(170);
  new Uint8Array(memory.buffer).set(codes, 4096);
  new Float32Array(memory.buffer, 5120, blocks).set(absmax);
  kernels.dequantizeNf4(4096, 5120, 0, 256 * blocks);
  const expected = dequantizeNf4({ codes, scales: { kind: "plain", absmax } }, 64 * blocks);
  expect(new Float32Array(memory.buffer, 0, 64 * blocks)).toEqual(expected);
  expect(new Uint8Array(memory.buffer, 256 * blocks, 64)).toEqual(new Uint8Array(64).fill(170));
});
