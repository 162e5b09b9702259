import { expect, test } from "vitest";
import { armOf } from "../../../../../test/support/decision-arms.ts";
import { type ArmKind, isTuned, retrieves } from "./input.ts";

test.each<[ArmKind, boolean, boolean]>([
  ["prompt", false, false],
  ["few-shot", false, false],
  ["neighbours", false, false],
  ["rag", false, true],
  ["rag-few-shot", false, true],
  ["api", false, false],
  ["tuned", true, false],
  ["tuned-rag", true, true],
  ["oracle", false, false],
  ["trivial", false, false],
])("%s: needs training %s, looks facts up %s", (kind, needsTraining, looksUp) => {
  const arm = armOf("a", kind, [1]);
  expect([isTuned(arm), retrieves(arm)]).toEqual([needsTraining, looksUp]);
});
