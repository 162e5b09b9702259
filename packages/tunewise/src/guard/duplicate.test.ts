/** @file Tests the comparison of two experiments. */
import { expect, test } from "vitest";
import { compareSettings, settingDifferences } from "./duplicate.ts";

const before = { "method.rank": "8", "training.seed": "17" };

test.each([
  [before, { kind: "same" }],
  [{ ...before, "training.seed": "18" }, { kind: "seed" }],
  [
    { ...before, "method.rank": "16" },
    { kind: "near", apart: { setting: "method.rank", before: "8", now: "16" } },
  ],
  [
    { ...before, "regularization.method": "ewc" },
    { kind: "near", apart: { setting: "regularization.method", before: null, now: "ewc" } },
  ],
  [{ "training.seed": "17" }, { kind: "near", apart: { setting: "method.rank", before: "8", now: null } }],
  [{ "method.rank": "16", "training.seed": "18" }, { kind: "other" }],
  [{ "method.rank": "8", "training.seed": "17", a: "1", b: "2" }, { kind: "other" }],
])("%j is %j", (now, expected) => {
  expect(compareSettings(before, now)).toEqual(expected);
});

test("settings apart come by name, whichever of the two has them", () => {
  expect(
    settingDifferences({ rank: "8", b: "1", same: "x" }, { c: "3", rank: "16", a: "2", same: "x" }),
  ).toEqual([
    { setting: "a", before: null, now: "2" },
    { setting: "b", before: "1", now: null },
    { setting: "c", before: null, now: "3" },
    { setting: "rank", before: "8", now: "16" },
  ]);
});
