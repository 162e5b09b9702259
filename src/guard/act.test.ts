/** @file What is done about what guards find: every mode, and the words of a stop. */
import { expect, test } from "vitest";
import { seconds, usd } from "../quantity/index.ts";
import { actOn, type Evidence, type GuardMode, type Outlook } from "./act.ts";

const evidence: Evidence = { guard: "doomed", sentence: "it is so.", since: 50, isHint: false };
const outlook: Outlook = {
  ...{ run: "r-1", step: 61, steps: 160, keptStep: 56, rollBack: { rateShare: 0.2 } },
  ...{ leftSeconds: seconds(720), leftUsd: usd(0.1) },
};

test.each<[GuardMode, Partial<Evidence>, Partial<Outlook>, boolean, string]>([
  ["off", {}, {}, false, "go-on"],
  ["warn", {}, {}, false, "warn"],
  ["warn", {}, {}, true, "go-on"],
  ["stop", {}, {}, false, "stop"],
  ["stop", {}, {}, true, "stop"],
  ["stop", { isHint: true }, {}, false, "warn"],
  ["stop", { isHint: true }, {}, true, "go-on"],
  ["stop", {}, { step: 160 }, false, "warn"],
  ["roll-back", {}, {}, false, "roll-back"],
  ["roll-back", {}, {}, true, "roll-back"],
  ["roll-back", {}, { rollBack: null }, true, "stop"],
  ["roll-back", { isHint: true }, {}, false, "warn"],
])("%s, %j, %j, said before: %s: %s", (mode, found, place, isSaid, act) => {
  expect(actOn({ ...evidence, ...found }, mode, { ...outlook, ...place }, isSaid).act).toBe(act);
});

test("a stop names evidence, what it saves, what is kept and how to overrule it", () => {
  expect(actOn(evidence, "stop", outlook, false)).toEqual({
    act: "stop",
    guard: "doomed",
    sentence:
      "Stopped at step 61 of 160: it is so. The 99 steps left would have taken about 12 min and $0.100. " +
      "The checkpoint of step 56 is kept. Against its word: tunewise resume r-1 --overrule doomed",
  });
});

test("a machine that costs nothing saves time alone, and nothing may be kept", () => {
  const free = { ...outlook, step: 159, leftUsd: usd(0), keptStep: null };
  expect(actOn(evidence, "stop", free, false)).toMatchObject({
    sentence: expect.stringContaining(
      "it is so. The step left would have taken about 12 min. No checkpoint was saved before.",
    ),
  });
});

test("a roll-back says from where it goes on, and how", () => {
  expect(actOn(evidence, "roll-back", outlook, false)).toMatchObject({
    guard: "doomed",
    sentence:
      "Rolled back at step 61 of 160: it is so. The run goes on from its last state before step 50 with 0.2 of the " +
      "learning rate and the same rows; if it happens again, it stops.",
  });
});
