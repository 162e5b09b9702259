import { expect, test } from "vitest";
import type { Arm } from "../../baselines/index.ts";
import { questionKey } from "../../scoring/index.ts";
import type { ArmQuestion, GeneratedAnswer } from "./answer-log.ts";
import { withRecorded } from "./recorded-answers.ts";

const arm = { id: "tuned", model: "tuned" } as Arm;
const question = (text: string): ArmQuestion =>
  ({
    row: 0,
    example: {},
    messages: [{ role: "user", content: text }],
    ids: new Int32Array(3),
  }) as unknown as ArmQuestion;

test("one adapter has one answer to a question: that of its run, also where a batch rounds otherwise", async () => {
  const asked: number[] = [];
  const recorded = new Map([
    ["tuned", new Map(["a", "b", "c"].map((text) => [questionKey(question(text)), `recorded ${text}`]))],
  ]);
  const respond = withRecorded(async (_, questions) => {
    asked.push(questions.length);
    return questions.map(
      (): GeneratedAnswer => ({
        answer: "computed",
        promptTokens: 3,
        answerTokens: 4,
        seconds: 2,
        microUsd: 6,
        paidMicroUsd: 0,
        isKept: false,
        notes: [],
        failed: null,
      }),
    );
  }, recorded);
  expect((await respond(arm, ["a", "x"].map(question))).map(({ answer }) => answer)).toEqual([
    "recorded a",
    "computed",
  ]);
  expect(await respond(arm, ["b", "c"].map(question))).toMatchObject([
    { answer: "recorded b", seconds: 2, answerTokens: 4, isKept: true },
    { answer: "recorded c" },
  ]);
  expect(asked).toEqual([2]);
  const other = await respond({ ...arm, id: "base" }, ["a"].map(question));
  expect(other.map(({ answer }) => answer)).toEqual(["computed"]);
});
