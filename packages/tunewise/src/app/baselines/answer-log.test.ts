import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { questionKey } from "../../scoring/index.ts";
import { AnswerLog, type ArmAnswer } from "./answer-log.ts";

const answer: ArmAnswer = {
  set: "test",
  row: 3,
  asked: "k",
  answer: "yes",
  promptTokens: 5,
  answerTokens: 1,
  seconds: 0.1,
  microUsd: 2.5,
  paidMicroUsd: 0,
  isKept: false,
  passages: [],
  notes: [],
  failed: null,
};

test("answers are found again after a kill; those of other questions and failed ones are not", async () => {
  const folder = temporaryFolder();
  const log = await AnswerLog.open(folder, "prompt");
  await log.add([answer, { ...answer, row: 4, failed: "no answer" }]);
  appendFileSync(join(folder, "arms/prompt.jsonl"), '{"set":"test","row":5,"asked":"k","ans');
  const again = await AnswerLog.open(folder, "prompt");
  expect(again.find("test", 3, "k")).toEqual(answer);
  expect(again.find("test", 3, "another")).toBeUndefined();
  expect(again.find("validation", 3, "k")).toBeUndefined();
  expect(again.find("test", 4, "k")).toBeUndefined();
  await again.add([{ ...answer, row: 5 }]);
  const third = await AnswerLog.open(folder, "prompt");
  expect(third.find("test", 5, "k")?.row).toBe(5);
  expect(readFileSync(join(folder, "arms/prompt.jsonl"), "utf8").endsWith("\n")).toBe(true);
});

test("keys tell roles and texts apart", () => {
  const key = (role: "user" | "system", content: string) => questionKey({ messages: [{ role, content }] });
  expect(new Set([key("user", "a"), key("system", "a"), key("user", "b")]).size).toBe(3);
});
