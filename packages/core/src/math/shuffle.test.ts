/** @file The shuffle, compared with a second implementation (Python integers, masked to 32 bits). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream, shuffle } from "./shuffle.ts";

test.each<[number, number[], number[]]>([
  [
    0,
    [3809008728, 1133695204, 53579671, 2891528803, 139681546, 2203266335, 104831812, 1587294886],
    [3, 6, 1, 5, 0, 4, 2, 9, 7, 8],
  ],
  [
    1,
    [2442144158, 3238099751, 3819917871, 2104621829, 2021136066, 4223536128, 1515984730, 2298887649],
    [4, 1, 5, 6, 3, 0, 9, 7, 2, 8],
  ],
  [
    17,
    [4118369820, 1192154453, 730923875, 1329108050, 3776145263, 2994922539, 2806193865, 1428777947],
    [9, 7, 2, 1, 6, 5, 4, 3, 8, 0],
  ],
  [
    1099511627783,
    [1722006567, 3668398331, 2436101295, 56560762, 1199071258, 406622452, 1006220700, 93772488],
    [1, 8, 3, 0, 2, 4, 6, 9, 5, 7],
  ],
  [
    9007199254740991,
    [2936687693, 1244737120, 840030457, 1003314375, 3646565387, 3858457258, 1956263861, 352083513],
    [2, 8, 6, 7, 9, 5, 0, 1, 4, 3],
  ],
])("seed %i", (seed, numbers, order) => {
  const stream = randomStream(seed);
  expect(numbers.map(() => stream.next())).toEqual(numbers);
  expect(shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seed)).toEqual(order);
});

// for numbers below 3e9, some draws are rejected
test.each<[number, number, number[]]>([
  [0, 1000, [728, 204, 671, 803, 546, 335, 812, 886]],
  [17, 1000, [820, 453, 875, 50, 263, 539, 865, 947]],
  [
    0,
    3000000000,
    [1133695204, 53579671, 2891528803, 139681546, 2203266335, 104831812, 1587294886, 2629861951],
  ],
  [
    17,
    3000000000,
    [1192154453, 730923875, 1329108050, 2994922539, 2806193865, 1428777947, 2897111367, 1876388837],
  ],
])("seed %i, integers below %d", (seed, limit, numbers) => {
  const stream = randomStream(seed);
  expect(numbers.map(() => stream.below(limit))).toEqual(numbers);
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
