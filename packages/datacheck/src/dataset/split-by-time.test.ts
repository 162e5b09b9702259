import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitByTime } from "./split-by-time.ts";

const row = (time?: number): { time?: number } => (time === undefined ? {} : { time });
const alone = (rows: readonly unknown[]): number[] => rows.map((_, at) => at);
const textOf = (parts: Uint8Array): string => [...parts].map((part) => "TVX"[part]).join("");

describe("splitByTime", () => {
  test("the latest rows are test rows, and the ones before them validation rows", () => {
    const rows = Array.from({ length: 10 }, (_, at) => row(at));
    expect(textOf(splitByTime(rows, alone(rows), [0.6, 0.2, 0.2]))).toBe("TTTTTTVVXX");
    expect(textOf(splitByTime(rows.toReversed(), alone(rows), [0.6, 0.2, 0.2]))).toBe("XXVVTTTTTT");
  });

  test("rows without a time are the earliest", () => {
    const rows = [row(3), row(), row(1), row(2)];
    expect(textOf(splitByTime(rows, alone(rows), [0.75, 0, 0.25]))).toBe("XTTT");
  });

  test("a group goes where its last row is", () => {
    const rows = [row(1), row(2), row(3), row(4), row(5), row(6)];
    expect(textOf(splitByTime(rows, [0, 1, 2, 3, 4, 0], [0.6, 0, 0.4]))).toBe("XTTTTX");
  });

  test("a group that is too large for a part goes to the next one, unless it is the latest", () => {
    const rows = [row(1), row(2), row(3), row(4), row(5), row(6)];
    expect(textOf(splitByTime(rows, [0, 1, 1, 1, 1, 2], [0.5, 0, 0.5]))).toBe("TXXXXX");
    expect(textOf(splitByTime(rows, [0, 1, 1, 1, 1, 2], [0.7, 0, 0.3]))).toBe("TTTTTX");
    expect(textOf(splitByTime(rows, [0, 0, 1, 1, 1, 1], [0.7, 0, 0.3]))).toBe("TTXXXX");
  });

  test("no group is divided, and no training row is later than the last row of a tested group", () => {
    const rows = fc.array(fc.record({ time: fc.integer({ min: 0, max: 50 }), group: fc.nat(8) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, fc.constantFrom([0.8, 0.1, 0.1], [0.5, 0, 0.5], [0.4, 0.6, 0]), (all, shares) => {
        const groups = all.map(({ group }) => group);
        const parts = splitByTime(all, groups, shares);
        const partOf = new Map(groups.map((group, at) => [group, parts[at]]));
        expect([...parts]).toEqual(groups.map((group) => partOf.get(group)));
        const lastOf = (wanted: number): number[] =>
          [...partOf].flatMap(([group, part]) =>
            part === wanted
              ? [Math.max(...all.filter((one) => one.group === group).map(({ time }) => time))]
              : [],
          );
        const trained = all.filter((_, at) => parts[at] === 0).map(({ time }) => time);
        for (const last of lastOf(2)) for (const time of trained) expect(time).toBeLessThanOrEqual(last);
        if ((shares[2] ?? 0) * all.length >= 1) expect(lastOf(2).length).toBeGreaterThan(0);
      }),
    );
  });
});
