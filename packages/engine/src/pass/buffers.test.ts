import { expect, test } from "vitest";
import { Buffers } from "./buffers.ts";

test("the same name, the same memory, as long as it is long enough", () => {
  const buffers = new Buffers();
  const first = buffers.take("x", 8);
  expect(first).toHaveLength(8);
  expect(buffers.take("x", 4).buffer).toBe(first.buffer);
  expect(buffers.take("x", 9).buffer).not.toBe(first.buffer);
  expect(buffers.take("y", 8).buffer).not.toBe(first.buffer);
});

test("room for a longer batch is made at once", () => {
  const buffers = new Buffers();
  buffers.room = 2.5;
  const first = buffers.take("x", 4);
  expect(first).toHaveLength(4);
  expect(buffers.take("x", 10).buffer).toBe(first.buffer);
  expect(buffers.take("x", 11).buffer).not.toBe(first.buffer);
});

test("parts lie side by side, at multiples of a cache line, and do not overlap", () => {
  const buffers = new Buffers();
  const parts = buffers.takeParts("layer", [
    ["a", 5],
    ["b", 16],
    ["c", 1],
  ]);
  expect(parts.a.byteOffset).toBe(0);
  expect(parts.b.byteOffset).toBe(64);
  expect(parts.c.byteOffset).toBe(128);
  expect([parts.a.length, parts.b.length, parts.c.length]).toEqual([5, 16, 1]);
  const again = buffers.takeParts("layer", [["d", 40]]);
  expect(again.d.buffer).toBe(parts.a.buffer);
});

test("what is cleared is made anew", () => {
  const buffers = new Buffers();
  const first = buffers.take("x", 4);
  buffers.clear();
  expect(buffers.take("x", 4).buffer).not.toBe(first.buffer);
});
