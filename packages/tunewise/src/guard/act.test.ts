/** @file Tests the verdict on evidence in every guard mode, and the sentence of a stop. */

import { seconds, usd } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { actOn, type Evidence, type GuardMode, type Outlook, severestWarning, type Warned } from "./act.ts";

const evidence: Evidence = { guard: "futility", sentence: "it is so.", since: 50, isHint: false };
const outlook: Outlook = {
  run: "r-1",
  step: 61,
  steps: 160,
  keptStep: 56,
  rollBack: { rateShare: 0.2 },
  leftSeconds: seconds(720),
  leftUsd: usd(0.1),
};

test.each<[GuardMode, Partial<Evidence>, Partial<Outlook>, Warned, string]>([
  ["off", {}, {}, "nothing", "go-on"],
  ["warn", {}, {}, "nothing", "warn"],
  ["warn", {}, {}, "hint", "warn"],
  ["warn", {}, {}, "finding", "go-on"],
  ["warn", { isHint: true }, {}, "nothing", "warn"],
  ["warn", { isHint: true }, {}, "hint", "go-on"],
  ["warn", { isHint: true }, {}, "finding", "go-on"],
  ["stop", {}, {}, "nothing", "stop"],
  ["stop", {}, {}, "finding", "stop"],
  ["stop", { isHint: true }, {}, "nothing", "warn"],
  ["stop", { isHint: true }, {}, "hint", "go-on"],
  ["stop", {}, { step: 160 }, "nothing", "warn"],
  ["stop", {}, { step: 160 }, "hint", "warn"],
  ["roll-back", {}, {}, "nothing", "roll-back"],
  ["roll-back", {}, {}, "finding", "roll-back"],
  ["roll-back", {}, { rollBack: null }, "finding", "stop"],
  ["roll-back", { isHint: true }, {}, "nothing", "warn"],
  ["roll-back", {}, { step: 160 }, "nothing", "roll-back"],
  ["roll-back", {}, { step: 160, rollBack: null }, "nothing", "warn"],
  ["stop", {}, { step: 159 }, "nothing", "stop"],
])("%s, %j, %j, warned before: %s: %s", (mode, found, place, said, act) => {
  expect(actOn({ ...evidence, ...found }, mode, { ...outlook, ...place }, said).act).toBe(act);
});

test("a hint that was told uses up no warning of what is sure", () => {
  const told: Verdict[] = [];
  const tell = (isHint: boolean): string => {
    const verdict = actOn({ ...evidence, isHint }, "warn", outlook, severestWarning(told, "futility"));
    told.push(verdict);
    return verdict.act;
  };
  expect([true, true, false, false, true].map(tell)).toEqual(["warn", "go-on", "warn", "go-on", "go-on"]);
  expect(severestWarning(told, "futility")).toBe("finding");
  expect([severestWarning(told.slice(0, 2), "futility"), severestWarning(told, "divergence")]).toEqual([
    "hint",
    "nothing",
  ]);
});

test("what a guard did other than warn, or what another one said, is no warning of its own", () => {
  const said = (act: "warn" | "stop" | "roll-back", guard: string): Verdict =>
    act === "stop" ? { act, by: "guard", guard, sentence: "" } : { act, guard, sentence: "" };
  const told: Verdict[] = [
    { act: "go-on" },
    said("roll-back", "futility"),
    said("stop", "futility"),
    said("warn", "plateau"),
  ];
  expect(severestWarning(told, "futility")).toBe("nothing");
  expect(severestWarning([...told, said("warn", "futility")], "futility")).toBe("finding");
});

test("a warning without a word on how sure it is was sure: it is from a record of before", () => {
  expect(severestWarning([{ act: "warn", guard: "futility", sentence: "it is so." }], "futility")).toBe(
    "finding",
  );
});

test("a stop names evidence, what it saves, what is kept and how to overrule it", () => {
  expect(actOn(evidence, "stop", outlook, "nothing")).toEqual({
    act: "stop",
    by: "guard",
    guard: "futility",
    sentence:
      "Stopped at step 61 of 160: it is so. The 99 steps left would have taken about 12 min and $0.100. " +
      "The checkpoint of step 56 is kept. Against its word: tunewise resume r-1 --overrule futility",
  });
});

test("a machine that costs nothing saves time alone, and nothing may be kept", () => {
  const free = { ...outlook, step: 159, leftUsd: usd(0), keptStep: null };
  expect(actOn(evidence, "stop", free, "nothing")).toMatchObject({
    sentence: expect.stringContaining(
      "it is so. The step left would have taken about 12 min. No checkpoint was saved before.",
    ),
  });
});

test("a roll-back says from where it goes on, and how", () => {
  expect(actOn(evidence, "roll-back", outlook, "nothing")).toMatchObject({
    guard: "futility",
    sentence:
      "Rolled back at step 61 of 160: it is so. The run goes on from its last state before step 50 with 0.2 of the " +
      "learning rate and the same rows; if it happens again, it stops.",
  });
});
