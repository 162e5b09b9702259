import { range, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import type { ComparedMethod, PlaceEstimate } from "../../../plan/index.ts";
import { compareTable } from "./compare-table.ts";

function place(dollars: number, minutes: number): PlaceEstimate {
  const [time, money] = [seconds(60 * minutes), usd(dollars)];
  return {
    ...({ kind: "here", name: "this machine", pricing: "own", provider: "own" } as PlaceEstimate),
    seconds: range(time, time, time),
    runUsd: range(money, money, money),
    total: { p50: money, p90: money, shares: [], distribution: null },
  };
}

const saving = (full: number | undefined, other: number | undefined): number | null =>
  full === undefined || other === undefined || full === 0 ? null : 1 - other / full;

/** Methods as returned by `compareMethods`, from dollars and minutes. */
function methods(...given: (readonly [dollars: number, minutes: number] | null)[]): ComparedMethod[] {
  return (["full", "lora", "qlora"] as const).map((method, at) => {
    const [one, full] = [given[at], given[0]];
    return {
      method,
      trainedParameters: 1_000,
      place: one ? place(...one) : null,
      runSaving: saving(full?.[0], one?.[0]),
      totalSaving: saving(full?.[0], one?.[0]),
      timeSaving: saving(full?.[1], one?.[1]),
    };
  });
}

const sentence = (...given: Parameters<typeof methods>): string =>
  compareTable(methods(...given))
    .split("\n")
    .at(-1) ?? "";

describe("the sentence under the comparison is made from the rows above it (A5)", () => {
  test.each([
    [
      "free machine: time is compared",
      [
        [0, 60],
        [0, 20],
        [0, 30],
      ],
      "Full fine-tuning costs nothing on this machine, so time is compared: LoRA takes 67 % less.",
    ],
    [
      "free machine, adapters slower",
      [
        [0, 60],
        [0, 66],
        [0, 90],
      ],
      "Full fine-tuning costs nothing on this machine, so time is compared: LoRA takes 10 % more.",
    ],
    [
      "money",
      [
        [10, 60],
        [1, 66],
        [2, 90],
      ],
      "Adapters are said to save up to 90 %; for these rows they save 90 % of one run (LoRA).",
    ],
    [
      "money, adapters dearer",
      [
        [1, 60],
        [1.5, 66],
        [1.2, 90],
      ],
      "Adapters are said to save up to 90 %; for these rows they save nothing: one run of QLoRA costs 20 % more.",
    ],
    [
      "full fits nowhere",
      [null, [0, 66], [0, 90]],
      "Full fine-tuning fits for certain in no place on the list, so nothing is compared with it.",
    ],
    [
      "only full fits",
      [[0, 60], null, null],
      "Only full fine-tuning fits for certain in a place on the list.",
    ],
  ] as const)("%s", (_, given, expected) => {
    expect(sentence(...given)).toBe(expected);
  });

  test("no sentence speaks of a place that is not in the table", () => {
    const free = compareTable(methods([0, 60], [0, 20], [0, 30]));
    expect(free).not.toContain("nowhere");
    expect(free).toContain("this machine");
  });
});
