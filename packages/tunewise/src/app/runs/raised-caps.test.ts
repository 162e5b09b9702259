import { expect, test } from "vitest";
import { recipeOf } from "../../../../../test/support/plan-inputs.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import { capsInForce, capsTags } from "./raised-caps.ts";

const configuration = effectiveConfiguration(recipeOf("budget: { usd: 0.0001 }"));
const run = { id: "a", configuration };

test("a cap that a resume raised is in force, beside the configuration that the run began with", () => {
  expect(capsTags(run, { usd: 0.0001, minutes: null })).toEqual([]);
  const [tag] = capsTags(run, { usd: 1, minutes: null });
  expect(tag).toMatchObject({ runId: "a" });
  expect(capsInForce(configuration, new Map())).toMatchObject({ usd: 0.0001, minutes: null });
  expect(capsInForce(configuration, new Map([[tag?.key ?? "", tag?.value ?? ""]]))).toEqual({
    usd: 1,
    minutes: null,
  });
});
