/** @file The shuffle against a second implementation (Python integers, masked to 32 bits). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream, shuffle } from "./shuffle.ts";

test.each([
  [0, [3809008728, 1133695204, 53579671], [3, 6, 1, 5, 0, 4, 2, 9, 7, 8]],
  [1, [2442144158, 3238099751, 3819917871], [4, 1, 5, 6, 3, 0, 9, 7, 2, 8]],
  [42, [2837322924, 544945897, 479756282], [3, 6, 8, 7, 5, 0, 9, 2, 1, 4]],
  [2 ** 40 + 7, [1722006567, 3668398331, 2436101295], [1, 8, 3, 0, 2, 4, 6, 9, 5, 7]],
  [2 ** 53 - 1, [2936687693, 1244737120, 840030457], [2, 8, 6, 7, 9, 5, 0, 1, 4, 3]],
])("seed %i", (seed, numbers, order) => {
  const stream = randomStream(seed);
  expect([stream.next(), stream.next(), stream.next()]).toEqual(numbers);
  expect(shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seed)).toEqual(order);
});

test("keeps all items and leaves its argument alone", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.maxSafeNat(), (items, seed) => {
      const before = [...items];
      const shuffled = shuffle(items, seed);
      expect(items).toEqual(before);
      expect([...shuffled].sort()).toEqual([...items].sort());
    }),
  );
});

test("numbers below a limit are below it and all come up", () => {
  const stream = randomStream(3);
  const seen = new Set(Array.from({ length: 500 }, () => stream.below(7)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
