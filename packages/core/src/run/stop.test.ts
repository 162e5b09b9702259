/** @file Text that describes why a run stopped. */
import { expect, test } from "vitest";
import { stopBy, stopCauses, stopText } from "./stop.ts";

const place = { step: 36, steps: 80 };

test("names the cap, the guard, the person and the fault", () => {
  expect(
    [
      stopBy("cap", { ...place, cap: { kind: "minutes", limit: 25 * 60 } }),
      stopBy("cap", { ...place, cap: { kind: "minutes", limit: 90 } }),
      stopBy("cap", { ...place, cap: { kind: "dollars", limit: 20_000_000 } }),
      stopBy("cap", { ...place, reason: "$12.40 of the $12.00 of project tickets are spent." }),
      stopBy("guard", { ...place, guard: "plateau" }),
      stopBy("person", { ...place, reason: "asked for on the page" }),
      stopBy("person"),
      stopBy("machine", { ...place, reason: "no answer for 60 s" }),
      stopBy("fault", { step: 3, reason: "the loss is NaN" }),
    ].map(stopText),
  ).toEqual([
    "Stopped at the 25-minute cap (step 36 of 80)",
    "Stopped at the 90-second cap (step 36 of 80)",
    "Stopped at the $20.00 cap (step 36 of 80)",
    "Stopped at a cap: $12.40 of the $12.00 of project tickets are spent (step 36 of 80)",
    "Stopped by the guard `plateau` (step 36 of 80)",
    "Stopped by a person: asked for on the page (step 36 of 80)",
    "Stopped by a person",
    "Stopped because its machine was lost: no answer for 60 s (step 36 of 80)",
    "Failed: the loss is NaN (step 3)",
  ]);
});

test("only a guard is called one", () => {
  for (const by of stopCauses) expect(/guard/.test(stopText(stopBy(by)))).toBe(by === "guard");
});
