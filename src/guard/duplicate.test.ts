/** @file How far apart two experiments are. */
import { expect, test } from "vitest";
import { judgeKinship } from "./duplicate.ts";

const before = { "method.rank": "8", "training.seed": "17" };

test.each([
  [before, { kind: "same" }],
  [{ ...before, "training.seed": "18" }, { kind: "seed" }],
  [
    { ...before, "method.rank": "16" },
    { kind: "near", apart: { setting: "method.rank", before: "8", now: "16" } },
  ],
  [
    { ...before, "keep.method": "ewc" },
    { kind: "near", apart: { setting: "keep.method", before: null, now: "ewc" } },
  ],
  [{ "training.seed": "17" }, { kind: "near", apart: { setting: "method.rank", before: "8", now: null } }],
  [{ "method.rank": "16", "training.seed": "18" }, { kind: "other" }],
  [{ "method.rank": "8", "training.seed": "17", a: "1", b: "2" }, { kind: "other" }],
])("%j is %j", (now, expected) => {
  expect(judgeKinship(before, now)).toEqual(expected);
});
