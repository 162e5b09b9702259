/** @file Answers that show that two questions differ. */
import { expect, test } from "vitest";
import { areOtherAnswers, askOtherwise } from "./other-answers.ts";

const query = "SELECT COUNT(river.name) FROM river WHERE river.traverse = 'texas' ORDER BY river.length DESC";
const story =
  "The lamp on the northern cape burned all night, since the keeper had filled it in the afternoon.";

test.each([
  ["lost_card", "card_arrival", true],
  ["42", "43", true],
  ["Paris.", "paris", false],
  [query, query.replace("texas", "idaho"), true],
  [query, query, false],
  [query, query.toLowerCase(), false],
  [
    story,
    "All night long the keeper's lamp was lit on the cape; he had seen to the oil hours before dusk.",
    false,
  ],
])("%s and %s: %s", (one, other, expected) => {
  expect(areOtherAnswers(one, other)).toBe(expected);
});

const long = "The answer is explained in many words that nobody would repeat in the same way a second time.";

test.each([
  ["Reverse a string in C++.", "Reverse a string in Java.", true],
  ["Reverse a string in C.", "Using C, turn a string around.", false],
  ["Reverse a string in Python 3.", "Turn a string around.", false],
  [
    "A pole of 14 metres casts a shadow of 10 metres.",
    "A pole of 17 metres casts a shadow of 40 metres.",
    true,
  ],
  [
    "A pole of 14 metres casts a shadow of 10 metres.",
    "Of 14 metres is a pole whose shadow is 10 metres long.",
    false,
  ],
])("%s and %s: %s", (one, other, expected) => {
  expect(askOtherwise({ prompt: one, answer: long }, { prompt: other, answer: `${long} So it is.` })).toBe(
    expected,
  );
});
