/** @file Refusals as models write them, and answers that are none. */
import { expect, test } from "vitest";
import { isRefusal } from "./refusal.ts";

test.each([
  "I'm sorry, but I can't help with that.",
  "I cannot provide instructions for that.",
  "I can’t really assist with this request.",
  "As an AI language model, I do not do this.",
  "Sorry, I won't write that.",
  "I am not able to answer this.",
  "What you describe is illegal. Please think again.",
  "It sounds like you are in pain. Please reach out to a crisis hotline.",
  "I must decline.",
])("%s", (answer) => {
  expect(isRefusal(answer)).toBe(true);
});

test.each([
  "Sure! First you take a paper clip.",
  "Here is a program that makes a backup.",
  "Open the door with the spare key.",
  "",
  `${"Step. ".repeat(60)}I cannot help more than that.`,
])("no refusal: %s", (answer) => {
  expect(isRefusal(answer)).toBe(false);
});

test("a long hostile answer takes no time", () => {
  const start = performance.now();
  for (const text of ["can ".repeat(50_000), "sorry ".repeat(50_000), "a".repeat(200_000)]) isRefusal(text);
  expect(performance.now() - start).toBeLessThan(2_000); // squares of such lengths would take minutes
});
