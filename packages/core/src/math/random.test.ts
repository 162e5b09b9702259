/**
 * @file Random numbers: the stream of each seed is pinned bit by bit, and the distributions have the specified moments.
 *
 * Existing runs, splits, decisions and searches were made with these numbers. Those of `mulberry32` from 0, 1, 17 and
 * 2^32 - 1 were compared with the reference program in C.
 */
import { describe, expect, test } from "vitest";
import {
  linearCongruential,
  mix32,
  mulberry32,
  mulberry32For,
  type Random,
  randomBelow,
  randomNormal,
  randomPoisson,
  shuffled,
  xoshiro128,
  xoshiro128From,
} from "./random.ts";

const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const times = <Value>(make: () => Value): Value[] => Array.from({ length: 8 }, make);
/** The first eight numbers, as the 32-bit integers that they are derived from. */
const words = (random: Random): number[] => times(() => random() * 2 ** 32);
const belowFrom =
  (random: Random) =>
  (limit: number): number =>
    randomBelow(random, limit);

test.each<[number, number[]]>([
  [0, [1144304738, 1416247, 958946056, 627933444, 2007157716, 2340967985, 2642484575, 2787370982]],
  [1, [2693262067, 11749833, 2265367787, 4213581821, 4159151403, 1207330352, 2632122864, 3095568220]],
  [17, [2908338376, 827455176, 2282276500, 710698180, 377034468, 3267708825, 1211702186, 2346988772]],
  [20261127, [2281782195, 736381992, 2917860444, 3490130333, 753219571, 3866719496, 471819555, 1571784625]],
  [
    4294967295,
    [3850105811, 813802916, 3073704848, 4054706436, 3630262831, 2315588663, 2922715533, 2042566601],
  ],
  [-1, [3850105811, 813802916, 3073704848, 4054706436, 3630262831, 2315588663, 2922715533, 2042566601]],
  [
    1099511627783,
    [50271532, 266108690, 4195786334, 3002305430, 2239590375, 1741702388, 2002453909, 1030470827],
  ],
])("mulberry32 from %i", (seed, expected) => {
  expect(words(mulberry32(seed))).toEqual(expected);
});

test.each<[number[], number[]]>([
  [[0], [1144304738, 1416247, 958946056, 627933444, 2007157716, 2340967985, 2642484575, 2787370982]],
  [
    [0, 1],
    [711699459, 1679400207, 1692264768, 2520730185, 1490823452, 3351641948, 471687909, 1836494360],
  ],
  [[1], [1228566310, 1041339923, 2248853198, 1551223671, 657430983, 3683301704, 1026662804, 2994120195]],
  [[17], [2531369395, 1232781622, 1026049523, 1585470906, 3597240098, 217625271, 3723968241, 3658160903]],
  [
    [17, 3],
    [2541753738, 1518881364, 154734737, 605825993, 1810415921, 3164902217, 2412721026, 3677116449],
  ],
  [
    [17, 3, 9],
    [162851607, 1181924364, 3676218759, 4114934238, 2065581089, 3727075503, 144153865, 2696942842],
  ],
  [
    [20261127, 2],
    [205341279, 87179704, 1532799071, 2115001879, 574601023, 1413257907, 3213052787, 3964601114],
  ],
  [
    [4294967295, 0],
    [2401756811, 1752984874, 89890595, 2989719249, 1530367497, 3771387269, 3105838048, 2607051144],
  ],
])("mulberry32 for seed and purposes %j", ([seed, ...purposes], expected) => {
  expect(words(mulberry32For(seed as number, ...purposes))).toEqual(expected);
});

test.each<[number[], number[]]>([
  [[0], [2236831792, 4285205328, 2140987643, 1420567971, 3239089173, 3948428978, 1470012750, 3034872495]],
  [[1], [1256897959, 2275750960, 1284000881, 2803578153, 1045884748, 327201925, 3015671199, 1765032849]],
  [[17], [3726297214, 347769590, 2509175456, 3463396175, 3845311503, 2197229006, 118589606, 3350261421]],
  [
    [1099511627783],
    [3354717820, 3774465248, 3155375337, 1282498168, 413136961, 3415491834, 607089147, 298445375],
  ],
  [[-1], [2845883290, 3753006122, 3029681608, 1677479902, 410733916, 3055322618, 1966139319, 1300001522]],
  [
    [17, 0, 47740],
    [3640258297, 2443515883, 2295587018, 3530804541, 3561821897, 1284506038, 2028423617, 4144962508],
  ],
  [
    [17, 1, 47740],
    [2412558552, 2459513359, 2578453827, 1153891898, 3183763966, 588718290, 1210158298, 692984952],
  ],
  [
    [3, 61790],
    [2849897181, 4047536738, 3968571375, 1061892153, 2285837134, 1326768690, 3119859867, 178324796],
  ],
  [
    [3, 0, 0, 4, 2, 4085],
    [610905027, 1581174658, 2650036966, 406892857, 3226106384, 2586278609, 4288505358, 2391795619],
  ],
  [
    [3, 54281],
    [2151426335, 1722687777, 973259485, 1327116817, 3611482940, 1807320470, 3226934108, 1032331079],
  ],
  [
    [5, 0],
    [1584631871, 3315833098, 3147537384, 1337771749, 828545537, 3412117301, 1317574279, 3618142155],
  ],
])("xoshiro128** from %j", (seeds, expected) => {
  expect(words(xoshiro128From(...seeds))).toEqual(expected);
});

// From the authors' C program with these state words.
test("xoshiro128** itself", () => {
  expect(times(xoshiro128([1, 2, 3, 4]))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849,
  ]);
});

test.each<[number[], number[]]>([
  [[0], [520, 997, 498, 330, 754, 919, 342, 706]],
  [
    [17, 1, 47740],
    [561, 572, 600, 268, 741, 137, 281, 161],
  ],
])("integers below 1000 from %j", (seeds, expected) => {
  const random = xoshiro128From(...seeds);
  expect(times(() => randomBelow(random, 1000))).toEqual(expected);
});

test.each<[number[], number[]]>([
  [[0], [0, 7, 6, 1, 9, 4, 2, 3, 8, 5]],
  [[1], [6, 3, 5, 7, 0, 1, 8, 9, 4, 2]],
  [
    [17, 1, 47740],
    [2, 3, 8, 6, 0, 7, 1, 4, 9, 5],
  ],
])("ten items shuffled by xoshiro128** from %j", (seeds, expected) => {
  expect(shuffled(ten, belowFrom(xoshiro128From(...seeds)))).toEqual(expected);
});

test.each<[number[], number[]]>([
  [[0], [3, 8, 6, 4, 5, 9, 7, 1, 0, 2]],
  [[17], [4, 7, 6, 3, 0, 9, 8, 1, 2, 5]],
  [
    [17, 3],
    [6, 1, 4, 9, 8, 2, 7, 0, 3, 5],
  ],
])("ten items shuffled by mulberry32 for %j", ([seed, ...purposes], expected) => {
  expect(shuffled(ten, belowFrom(mulberry32For(seed as number, ...purposes)))).toEqual(expected);
});

test("shuffling leaves the items in their order", () => {
  const items = [...ten];
  shuffled(items, (limit) => limit - 1);
  expect(items).toEqual(ten);
});

// x' = 1664525 x + 1013904223 modulo 2^32: the sequence printed in Numerical Recipes, section 7.1
test("the linear congruential generator", () => {
  const next = linearCongruential(0);
  const printed = [0x3c6ef35f, 0x47502932, 0xd1ccf6e9, 0xaaf95334, 0x6252e503, 0x9f2ec686, 0x57fe6c2d];
  expect(printed.map(next)).toEqual(printed);
  expect(linearCongruential(2 ** 40 + 7)()).toBe(linearCongruential(7)());
});

test.each<[number, number]>([
  [0, 0],
  [1, 1364076727],
  [2, 821347078],
  [2147483647, -104067416],
  [2147483648, 1832674720],
  [4294967295, -2114883783],
  [-5, -1820376754],
  [123456789, -1168058214],
])("mix32 of %i", (value, expected) => {
  expect(mix32(value)).toBe(expected);
});

test.each<[number, number[]]>([
  [
    0,
    [
      0.7871846599200555, 0.43143961704601397, -1.0777012643800048, -0.8195174925420556, -0.9628753313457392,
      0.6142399984641469, -1.8123916364558188, -0.8561082006440874,
    ],
  ],
  [
    17,
    [
      0.5301356828363547, 0.6236024756893787, 0.02912779650842999, -0.7797607705430423, -0.3131378672217226,
      -0.6040682843234829, 0.23307038248404396, -0.09856804990017484,
    ],
  ],
])("normal numbers from %i", (seed, expected) => {
  const random = mulberry32(seed);
  expect(times(() => randomNormal(random))).toEqual(expected);
});

test.each<[number, number, number[]]>([
  [0, 0.5, [0, 0, 0, 0, 0, 0, 1, 0]],
  [17, 3, [3, 2, 4, 1, 4, 5, 2, 3]],
  [17, 40, [37, 41, 41, 31, 35, 37, 36, 53]],
  [17, 65, [69, 70, 65, 59, 62, 60, 67, 64]],
  [1, 200, [220, 217, 193, 196, 215, 184, 194, 206]],
])("Poisson numbers from %i with a mean of %d", (seed, mean, expected) => {
  const random = mulberry32(seed);
  expect(times(() => randomPoisson(random, mean))).toEqual(expected);
});

test("numbers are uniform in [0, 1)", () => {
  const random = mulberry32(5);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 50_000; i++) {
    const at = Math.floor(random() * 10);
    tenths[at] = (tenths[at] ?? 0) + 1;
  }
  expect(tenths).toHaveLength(10);
  for (const count of tenths) expect(Math.abs(count - 5000)).toBeLessThan(4 * Math.sqrt(4500));
});

/** Returns these numbers in turn. */
function scripted(...numbers: number[]): Random {
  let at = 0;
  return () => {
    const number = numbers[at++];
    if (number === undefined) throw new Error("more numbers were drawn than the test gives");
    return number;
  };
}

/** Mean and standard deviation of many draws. */
function measured(draw: () => number, count = 20_000): { readonly mean: number; readonly deviation: number } {
  const all = Array.from({ length: count }, draw);
  const mean = all.reduce((sum, value) => sum + value, 0) / count;
  return { mean, deviation: Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count) };
}

/** 1 - e^-2: a first number that gives a normal value at distance 2 from the mean. */
const twoAway = 1 - Math.exp(-2);
/** The second number of a normal value determines its sign. */
const [above, below] = [0, 0.5];

describe("randomNormal", () => {
  test.each([
    [twoAway, above, 2],
    [twoAway, below, -2],
    [twoAway, 0.25, 0],
    [twoAway, 0.125, Math.SQRT2],
    [0, above, 0],
  ])("%d and %d give %d", (first, second, expected) => {
    expect(randomNormal(scripted(first, second))).toBeCloseTo(expected, 12);
  });

  test("a mean of 0 and a deviation of 1", () => {
    const random = mulberry32(3);
    const { mean, deviation } = measured(() => randomNormal(random));
    expect(mean).toBeCloseTo(0, 1);
    expect(deviation).toBeCloseTo(1, 1);
  });
});

describe("randomPoisson", () => {
  // with a mean of ln 2, numbers are multiplied until their product is 0.5 or less
  test.each([
    [[0.4], 0],
    [[0.5], 0],
    [[0.6, 0.8], 1],
    [[0.9, 0.9, 0.9, 0.5], 3],
  ])("%j: %d events", (numbers, count) => {
    expect(randomPoisson(scripted(...numbers), Math.LN2)).toBe(count);
  });

  test("up to 64 events are drawn one by one, more as a normal value about the mean", () => {
    expect(randomPoisson(scripted(0), 64)).toBe(0);
    expect(randomPoisson(scripted(0, above), 65)).toBe(65);
    expect(randomPoisson(scripted(twoAway, above), 100)).toBe(120);
    expect(randomPoisson(scripted(twoAway, below), 100)).toBe(80);
  });

  test("there are never fewer than none", () => {
    expect(randomPoisson(scripted(1 - 2 ** -53, below), 65)).toBe(0);
  });

  test.each([0, 0.5, 4, 60, 200])("%d events on average, with the deviation of its root", (expected) => {
    const random = mulberry32(7);
    const { mean, deviation } = measured(() => randomPoisson(random, expected), 4_000);
    expect(mean / (expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 1);
    expect(deviation / Math.sqrt(expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 1);
  });
});
