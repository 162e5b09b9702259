import { range, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { openTypes, moneyPaths as pathsIn } from "../../../../test/support/money-paths.ts";
import { moneyPaths, toDollars, toMicroDollars } from "./dollars.ts";

const source = "packages/tunewise/src";
const files = {
  Plan: `${source}/plan/plan.ts`,
  RunOutcome: `${source}/app/train/finish.ts`,
  RunComparison: `${source}/app/compare/compare-runs.ts`,
  EventBody: "packages/core/src/run/event.ts",
  SearchSettings: `${source}/search/settings.ts`,
  Answer: `${source}/search/search.ts`,
  Report: `${source}/search/state/check-report.ts`,
  SearchPlan: `${source}/search/money/plan-search.ts`,
  SearchAccount: `${source}/search/account/account.ts`,
  DecisionInput: `${source}/evaluate/decide/input.ts`,
  Decision: `${source}/evaluate/decide/decide.ts`,
  Run: "packages/core/src/run/run.ts",
} satisfies Readonly<Record<keyof typeof moneyPaths, string>>;
const types = Object.keys(files) as (keyof typeof files)[];
/** Results of the library that contain no money, and so are passed on unchanged. */
const withoutMoney = [
  [`${source}/app/train/evaluate-run.ts`, "EvaluatedRun"],
  [`${source}/report/check/topics.ts`, "DataCheck"],
  [`${source}/app/check/fix-data.ts`, "CleanedData"],
  [`${source}/search/probe/range-test.ts`, "RangeTest"],
] as const;

test("every amount in the library's types is converted", () => {
  const program = openTypes([...Object.values(files), ...withoutMoney.map(([file]) => file)]);
  for (const type of types)
    expect([...moneyPaths[type]].sort(), type).toEqual(pathsIn(program, files[type], type));
  for (const [file, name] of withoutMoney) expect(pathsIn(program, file, name), name).toEqual([]);
});

test("names and nulls", () => {
  const value = {
    runs: [{ id: "a", spentMicroUsd: 1_250_000 }],
    variants: [],
    arms: { took: { seconds: 1, micro_usd: 5 }, arms: [{ microUsd: 1 }], decision: null },
  };
  expect(toDollars(value, "RunComparison")).toEqual({
    runs: [{ id: "a", spentUsd: 1.25 }],
    variants: [],
    arms: { took: { seconds: 1, usd: 0.000005 }, arms: [{ usd: 0.000001 }], decision: null },
  });
  expect(value.runs[0]?.spentMicroUsd).toBe(1_250_000);
  expect(toDollars({ kind: "checkpoint-saved", step: 1 }, "EventBody")).toEqual({
    kind: "checkpoint-saved",
    step: 1,
  });
});

test("dollars and back", () => {
  const each = { usdToGetThere: range(usd(0.1), usd(0.2), usd(0.3)), name: "a" };
  const input = { arms: [each, each], objective: { usdPerCorrect: usd(2) }, months: 12 };
  const dollars = toDollars(input, "DecisionInput");
  expect(dollars.arms[0]?.usdToGetThere).toEqual({ low: 0.1, expected: 0.2, high: 0.3 });
  expect(dollars.objective.usdPerCorrect).toBe(2);
  expect(toMicroDollars<unknown>(dollars, "DecisionInput")).toEqual(input);
});
