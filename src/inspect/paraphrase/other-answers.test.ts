/** @file Answers that show that two questions are not the same. */
import { expect, test } from "vitest";
import { areOtherAnswers } from "./other-answers.ts";

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
