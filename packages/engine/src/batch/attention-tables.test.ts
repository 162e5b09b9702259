import { describe, expect, test } from "vitest";
import { attentionTables, type Segment } from "./attention-tables.ts";

const lanes = 8;

/** The pairs of query and key that a table yields; throws if a pair occurs twice. */
function pairsOf(
  side: "query" | "key",
  feeds: ReturnType<typeof attentionTables>["feeds"],
  reach: number,
): string[] {
  const rows = (name: string, width: number): number[][] => {
    const flat = Array.from(feeds[`rows.${side}.${name}`] as BigInt64Array, Number);
    return Array.from({ length: flat.length / width }, (_, at) => flat.slice(at * width, (at + 1) * width));
  };
  const spans = rows("spans", 3);
  const pairs = new Set<string>();
  for (const [first = 0, count = 0, begin = 0, end = 0] of rows("blocks", 4)) {
    for (const [from = 0, to = 0, base = 0] of spans.slice(begin, end)) {
      for (let other = from; other < to; other++) {
        for (let lane = Math.max(0, other + base); lane < Math.min(count, other + base + reach); lane++) {
          const pair = side === "query" ? `${first + lane} ${other}` : `${other} ${first + lane}`;
          if (pairs.has(pair)) throw new Error(`${pair} twice`);
          pairs.add(pair);
        }
      }
    }
  }
  return [...pairs].sort();
}

/** The keys that each token attends to, computed from the definition. */
function seenPairs(segments: readonly Segment[], window: number): string[] {
  return segments
    .flatMap(({ start, end, memory }) => {
      const row = [...Array(memory).keys(), ...Array.from({ length: end - start }, (_, at) => start + at)];
      return row.flatMap((query, place) =>
        place < memory
          ? []
          : row.slice(Math.max(0, place - window + 1), place + 1).map((key) => `${query} ${key}`),
      );
    })
    .sort();
}

const prefix = { start: 0, end: 19, memory: 0 };
const cases: [string, Segment[]][] = [
  ["one row", [{ start: 0, end: 37, memory: 0 }]],
  [
    "rows of several lengths",
    [
      { start: 0, end: 1, memory: 0 },
      { start: 1, end: 24, memory: 0 },
      { start: 24, end: 32, memory: 0 },
    ],
  ],
  ["a prefix and rows", [prefix, { start: 19, end: 30, memory: 19 }, { start: 30, end: 58, memory: 19 }]],
];

describe.each(cases)("%s", (_, segments) => {
  test.each([null, 1, 5, 8, 25, 100])(
    "window %s: blocks of queries and of keys lead to what is seen",
    (window) => {
      const reach = window ?? 2 ** 30;
      const { feeds } = attentionTables(segments, lanes, window);
      const expected = seenPairs(segments, reach);
      expect(pairsOf("query", feeds, reach)).toEqual(expected);
      expect(pairsOf("key", feeds, reach)).toEqual(expected);
    },
  );

  test("sizes do not depend on the window", () => {
    expect(attentionTables(segments, lanes, 3).sizes).toEqual(attentionTables(segments, lanes, null).sizes);
  });
});

test("blocks with most to do come first", () => {
  const { feeds } = attentionTables([{ start: 0, end: 30, memory: 0 }], lanes, null);
  const firsts = (name: string): number[] =>
    Array.from(feeds[name] as BigInt64Array, Number).filter((_, at) => at % 4 === 0);
  expect(firsts("rows.query.blocks")).toEqual([24, 16, 8, 0]);
  expect(firsts("rows.key.blocks")).toEqual([0, 8, 16, 24]);
});
