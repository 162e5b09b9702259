/** @file Tests answering in parts: complete parts count after an interruption, and no row is asked twice. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RowAnswer } from "@tunewise/core/run";
import { runFolderAt } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { AnswerCache } from "./answer-cache.ts";
import { askInParts } from "./ask-in-parts.ts";

const root = temporaryFolder();
const ids = Array.from({ length: 40 }, (_, at) => Int32Array.from([at, 7, at]));
const answerTo = (place: number): RowAnswer => ({
  answer: { text: `a${place}`, answerTokens: 1, probability: null },
  loss: place % 2 === 0 ? null : { nll: place, labelledTokens: 2 },
});

function place(name: string): ReturnType<typeof runFolderAt> {
  const folder = runFolderAt(join(root, name));
  mkdirSync(folder.path);
  return folder;
}

test("a cap in the middle leaves the parts before it, and the next sitting asks the rest alone", async () => {
  const folder = place("capped");
  const cap = new AbortController();
  const asked: number[] = [];
  const ask = async (places: readonly number[]): Promise<RowAnswer[]> => {
    asked.push(...places);
    if (places.includes(25)) {
      cap.abort();
      cap.signal.throwIfAborted();
    }
    return places.map(answerTo);
  };
  const question = { asked: { who: "base", maxNewTokens: 8 }, ids };
  const first = { rowsAtOnce: 8, cache: await AnswerCache.open(folder), signal: cap.signal };
  expect(await askInParts(first, question, ask)).toEqual(Array.from({ length: 24 }, (_, at) => answerTo(at)));
  appendFileSync(join(folder.path, "kept-answers.jsonl"), '{"key":"cut off by a ki');
  asked.length = 0;
  const signal = new AbortController().signal;
  const next = { rowsAtOnce: 8, cache: await AnswerCache.open(folder), signal };
  const answers = await askInParts(next, question, async (places) => {
    asked.push(...places);
    return places.map(answerTo);
  });
  expect(answers).toEqual(ids.map((_, at) => answerTo(at)));
  expect(asked).toEqual(Array.from({ length: 16 }, (_, at) => at + 24));
  const third = { rowsAtOnce: 8, cache: await AnswerCache.open(folder), signal };
  expect((await askInParts(third, question, async () => Promise.reject(new Error("asked")))).length).toBe(40);
});

test.each([
  ["another model", { who: "tuned", maxNewTokens: 8 }, ids],
  ["another way of answering", { who: "base", maxNewTokens: 16 }, ids],
  ["other rows", { who: "base", maxNewTokens: 8 }, ids.map((one) => Int32Array.from([...one, 1]))],
])("%s is asked again", async (name, who, rows) => {
  const folder = place(name);
  const signal = new AbortController().signal;
  let asked = 0;
  const ask = async (places: readonly number[]): Promise<RowAnswer[]> => {
    asked += places.length;
    return places.map(answerTo);
  };
  const parts = { rowsAtOnce: 100, cache: await AnswerCache.open(folder), signal };
  await askInParts(parts, { asked: { who: "base", maxNewTokens: 8 }, ids }, ask);
  await askInParts(parts, { asked: who, ids: rows }, ask);
  expect(asked).toBe(80);
});

test("an error that is no cap is an error", async () => {
  const parts = { rowsAtOnce: 8, cache: null, signal: new AbortController().signal };
  const broken = askInParts(parts, { asked: null, ids }, () => Promise.reject(new Error("broken")));
  await expect(broken).rejects.toThrow("broken");
});
