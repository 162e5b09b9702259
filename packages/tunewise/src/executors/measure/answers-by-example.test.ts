/** @file Tests how blocks of documents become one answer each, and which rows are evaluated. */
import type { EncodedRow } from "@tunewise/core/rows";
import type { RowAnswer } from "@tunewise/core/run";
import { expect, test } from "vitest";
import type { Recipe } from "../../recipe/index.ts";
import { answersByExample, rowsToEvaluate } from "./answer-rows.ts";

const blocks = (...examples: readonly number[]): EncodedRow[] =>
  examples.map((example) => ({
    ids: Int32Array.of(1, 2),
    labelled: Uint8Array.of(0, 1),
    promptLength: 1,
    example,
  }));
const loss = (nll: number): RowAnswer => ({ answer: null, loss: { nll, labelledTokens: 2 } });
const summary = (found: ReturnType<typeof answersByExample>) =>
  found.map((one) => [one.example, one.loss?.nll, one.loss?.labelledTokens]);

test("losses of a document's blocks are added up, and a document that was not read to its end is left out", () => {
  const rows = blocks(0, 0, 2, 5, 5, 5);
  const answers = [1, 2, 4, 8, 16, 32].map(loss);
  expect(summary(answersByExample(rows, answers))).toEqual([
    [0, 3, 4],
    [2, 4, 2],
    [5, 56, 6],
  ]);
  expect(summary(answersByExample(rows, answers.slice(0, 5)))).toEqual([
    [0, 3, 4],
    [2, 4, 2],
  ]);
  expect(summary(answersByExample(rows, answers.slice(0, 1)))).toEqual([]);
  expect(answersByExample(rows, [])).toEqual([]);
});

test("evaluation.rows counts documents, with all of their blocks", () => {
  const rows = blocks(0, 0, 2, 5, 5, 5, 6);
  const taken = (most: number | null) =>
    rowsToEvaluate(rows, { evaluation: { rows: most } } as Recipe).map(({ example }) => example);
  expect(taken(2)).toEqual([0, 0, 2]);
  expect(taken(3)).toEqual([0, 0, 2, 5, 5, 5]);
  expect(taken(9)).toHaveLength(7);
  expect(taken(null)).toHaveLength(7);
});
