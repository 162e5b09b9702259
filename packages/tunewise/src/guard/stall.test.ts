import { seconds } from "@tunewise/core/quantity";
import { expect, it } from "vitest";
import { checkStall } from "./stall.ts";

it.each([
  [59, "go-on"],
  [60, "stop"],
  [4000, "stop"],
] as const)("after %i of 60 seconds of silence: %s", (silent, act) => {
  expect(checkStall({ silent: seconds(silent), limit: seconds(60), step: 7 })).toMatchObject({ act });
});

it("says after which step, and for how long", () => {
  expect(checkStall({ silent: seconds(1800), limit: seconds(1800), step: 7 })).toEqual({
    act: "stop",
    by: "guard",
    guard: "stall",
    sentence: "Stopped after step 7: nothing was reported for 30 min; asked to save and stop.",
  });
});
