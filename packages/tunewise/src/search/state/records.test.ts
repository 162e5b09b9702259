import { range, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { openSearch } from "../search.ts";
import type { SearchSettings } from "../settings.ts";
import type { Report } from "./check-report.ts";

const second = range(seconds(1), seconds(1), seconds(1));
const settings: SearchSettings = {
  seed: 1,
  space: { x: { kind: "uniform", low: 0, high: 1 } },
  defaults: { x: 0.5 },
  goal: "minimize",
  rungs: { minimum: 1, maximum: 9 },
  money: {
    budgetUsd: usd(1),
    finalRunUsd: usd(0),
    tickUsd: usd(0),
    startSeconds: second,
    secondsPerUnit: second,
    usdPerHour: range(usd(36), usd(36), usd(36)),
  },
};
const start = {
  kind: "stretch-start",
  trial: 1,
  point: { x: 0.5 },
  origin: "defaults",
  from: 0,
  to: 1,
  maxMicroUsd: 20_000,
};
const end = { kind: "stretch-end", trial: 1, status: "reached", at: 1, value: 2, microUsd: 9, curve: [] };
const known = { kind: "known-run", run: "a", point: { x: 0.1 }, curve: [[1, 2]], savedAt: 1 };

describe("records", () => {
  it("are taken as they were written", () => {
    expect(
      openSearch(settings, [known, { ...start, trial: 2 }, { ...end, trial: 2 }]).state.spentMicroUsd,
    ).toBe(9);
  });

  const bad: [string, unknown[]][] = [
    ["no object", [7]],
    ["a list", [[]]],
    ["another kind", [{ kind: "other" }]],
    ["a missing field", [{ ...start, to: undefined }]],
    ["money that is no whole number", [{ ...start, maxMicroUsd: 0.5 }]],
    ["an origin that is none", [{ ...start, origin: "luck" }]],
    ["a point of another space", [{ ...start, point: { y: 1 } }]],
    ["a point that is none", [{ ...start, point: null }]],
    ["a rung that is none", [{ ...start, to: 2 }]],
    ["a trial out of order", [{ ...start, trial: 2 }]],
    ["a start of what runs", [start, start]],
    ["a start beyond what is saved", [{ ...start, from: 1 }]],
    ["an end of what does not run", [end]],
    [
      "a curve that falls back",
      [
        start,
        {
          ...end,
          curve: [
            [2, 1],
            [1, 1],
          ],
        },
      ],
    ],
    ["a curve of texts", [start, { ...end, curve: [["1", 1]] }]],
    ["a status that is none", [start, { ...end, status: "fine" }]],
    ["a run without a name", [{ ...known, run: "" }]],
  ];
  it.each(bad)("with %s are refused", (_, records) => {
    const code = "SEARCH_RECORD_INVALID";
    expect(() => openSearch(settings, records)).toThrow(expect.objectContaining({ code }));
  });
});

describe("reports", () => {
  const report: Report = { status: "reached", at: 1, value: 2, usd: usd(0.01) };

  it("are taken once, and only for what runs", () => {
    const search = openSearch(settings, []);
    const unknown = expect.objectContaining({ code: "SEARCH_TRIAL_UNKNOWN" });
    expect(() => search.tell(1, report)).toThrow(unknown);
    search.ask();
    search.ask();
    expect(() => search.tell(3, report)).toThrow(unknown);
    search.tell(1, report);
    expect(() => search.tell(1, report)).toThrow(unknown);
  });

  const odd: [string, Partial<Report>][] = [
    ["beyond the stretch", { at: 3 }],
    ["short of the rung", { at: 0.5 }],
    ["without a result", { value: null }],
    ["with money below 0", { usd: usd(-1) }],
    [
      "with a curve that does not rise",
      {
        curve: [
          [1, 2],
          [1, 3],
        ],
      },
    ],
  ];
  it.each(odd)("%s are refused", (_, changes) => {
    const search = openSearch(settings, []);
    search.ask();
    const code = "SEARCH_REPORT_INVALID";
    expect(() => search.tell(1, { ...report, ...changes })).toThrow(expect.objectContaining({ code }));
    search.tell(1, report);
  });

  it("of a result that is not a number count as failed", () => {
    const search = openSearch(settings, []);
    search.ask();
    search.tell(1, { ...report, value: Number.NaN });
    expect(search.records.at(-1)).toMatchObject({ status: "failed", value: null });
    expect(search.state.trials.get(1)?.losses.get(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
