import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import type { Arm } from "../../baselines/index.ts";
import { AnswerLog, type AnswerQuestions } from "./answer-log.ts";
import { answerAlone, isBatched } from "./answer-rows.ts";
import type { QuestionMaker } from "./questions.ts";

const arm = { id: "prompt", model: "base" } as Arm;
const rows = Array.from({ length: 20 }, (_, at) => ({ messages: [{ role: "user", content: `q${at}` }] }));

const ask: QuestionMaker = async (_arm, example, row) => ({
  row,
  example,
  messages: example.messages,
  shown: { examples: [], passages: [] },
  ids: new Int32Array(0),
});

function speakerOf(seconds: number): { speak: AnswerQuestions; batches: number[] } {
  const batches: number[] = [];
  const speak: AnswerQuestions = async (_arm, questions) => {
    batches.push(questions.length);
    return questions.map(() => ({
      answer: "a",
      promptTokens: 1,
      answerTokens: 1,
      seconds,
      microUsd: 0,
      paidMicroUsd: 0,
      isKept: false,
      notes: [],
      failed: null,
    }));
  };
  return { speak, batches };
}

async function timed(folder: string, seconds: number) {
  const { speak: respond, batches } = speakerOf(seconds);
  const log = await AnswerLog.open(folder, arm.id);
  const { signal } = new AbortController();
  const answers = await answerAlone(arm, rows as unknown as Example[], { log, ask, respond, signal });
  return { answers, batches };
}

test("eight questions one at a time; the same try again asks none of them", async () => {
  const folder = temporaryFolder();
  const first = await timed(folder, 0.5);
  expect(first.batches).toEqual(Array(8).fill(1));
  const again = await timed(folder, 0.5);
  expect(again.batches).toEqual([]);
  expect(again.answers).toEqual(first.answers);
});

test("a slow arm is asked until twenty seconds are over, and once at least", async () => {
  expect((await timed(temporaryFolder(), 9)).batches).toEqual([1, 1, 1]);
  expect((await timed(temporaryFolder(), 60)).batches).toEqual([1]);
});

test("only answers made in batches are timed apart", () => {
  expect(
    (["base", "tuned", "api", "local", "neighbours"] as const).filter((who) => isBatched({ model: who })),
  ).toEqual(["base", "tuned"]);
});
