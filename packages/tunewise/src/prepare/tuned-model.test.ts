import { expect, it } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { withoutResult } from "./tuned-model.ts";

it.each([
  ["running", "RUN_AT_WORK", "tunewise runs stop a"],
  ["interrupted", "RUN_WITHOUT_ADAPTER", "tunewise resume a"],
] as const)("a run without a result that is %s: %s", (status, code, fix) => {
  const error = withoutResult({ id: "a", status }, null);
  expect(TunewiseError.is(error) && [error.code, error.fix]).toEqual([code, expect.stringContaining(fix)]);
});
