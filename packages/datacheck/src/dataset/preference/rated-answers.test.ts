/** @file Two texts under one name with a score each, and pairs of texts that nobody compared. */
import { expect, test } from "vitest";
import { ratedAnswers } from "./rated-answers.ts";

const [one, other] = ["Ask at the desk first.", "Walk to the next shop."];

test.each([
  [{ reply_a: one, reply_b: other, score_a: 3, score_b: 9 }, other, one],
  [{ human_ref_A: one, human_ref_B: other, score_A: "9", score_B: "3", labels: 1 }, one, other],
  [{ text1: one, text2: other, rating1: 5, rating2: 5 }, undefined, undefined],
])("%j", (fields, chosen, rejected) => {
  const rated = ratedAnswers(fields);
  expect(rated?.isDecided).toBe(true);
  expect([rated?.chosen?.value, rated?.rejected?.value]).toEqual([chosen, rejected]);
});

test.each([
  [{ sentence1: one, sentence2: other, label: 1 }],
  [{ question1: one, question2: other, is_duplicate: 0 }],
  [{ id_a: "a1", id_b: "b1", score_a: 1, score_b: 2 }],
  [{ text_a: one, text_b: other, score: 3 }],
])("%j is no comparison", (fields) => expect(ratedAnswers(fields)).toBeNull());
