/** @file The conversation of a row as text. */

import type { Message } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { answerOf, promptOf, questionOf, transcriptOf } from "./conversation.ts";

function row(...contents: readonly string[]): { readonly messages: Message[] } {
  const turns = contents.map(
    (content, at): Message => ({ role: at % 2 === 0 ? "user" : "assistant", content }),
  );
  return { messages: [{ role: "system", content: "S" }, ...turns] };
}

test("a single question is shown as it is", () => {
  const one = row("Which plan?", "Pro.");
  expect([answerOf(one), questionOf(one), promptOf(one), transcriptOf(one, 4)]).toEqual([
    "Pro.",
    "Which plan?",
    "Which plan?",
    "Which plan?",
  ]);
});

test("several turns are shown with their roles, and searched without", () => {
  const two = row("Which plan has exports?", "Pro and Team.", "And?", "ok 7");
  expect(transcriptOf(two)).toBe("user: Which plan has exports?\nassistant: Pro and Team.\nuser: And?");
  expect(transcriptOf(two, 10)).toBe("user: Which plan ...\nassistant: Pro and Te ...\nuser: And?");
  expect(promptOf(two)).toBe("Which plan has exports?\nPro and Team.\nAnd?");
  expect(questionOf(two)).toBe("And?");
});

test("a long conversation shows its first and last turns where it is shortened", () => {
  const long = row(..."abcdefghijkl");
  expect(transcriptOf(long, 9)).toBe("user: a\n(6 turns)\nassistant: h\nuser: i\nassistant: j\nuser: k");
  expect(transcriptOf(long).split("\n")).toHaveLength(11);
});
