import { describe, expect, test } from "vitest";
import { findSharedRows } from "./shared-with-corpus.ts";

const passage = (text: string, document = "d") => ({ document, title: "", place: null, text });

const rows = [
  { prompt: "How do I reset the password of my account?", answer: "Open settings and choose reset." },
  { prompt: "What is the capital of the Republic of Freedonia?", answer: "Fredville" },
  { prompt: "Thank you", answer: "You are welcome" },
  { prompt: "Translate the following sentence into French: the dog sleeps", answer: "Le chien dort" },
];

describe("test rows in the documents", () => {
  test("are found with question and answer, whatever the case and marks", () => {
    const corpus = [
      passage("Nothing of it here."),
      passage("FAQ - how do I reset the password of my account -> open settings, and choose: Reset!"),
    ];
    expect(findSharedRows(rows, corpus)).toEqual([
      { row: 0, passage: 1, kind: "row", promptShare: 1, answerShare: 1 },
    ]);
  });

  test("are found by the question alone, nearly word for word", () => {
    const corpus = [passage("Some ask: what is the capital of the Republic of Sylvania? Nobody knows.")];
    expect(findSharedRows(rows, corpus)).toEqual([
      { row: 1, passage: 0, kind: "prompt", promptShare: 8 / 9, answerShare: 0 },
    ]);
  });

  test("are no finding where the answer alone stands there, or half of the question", () => {
    const corpus = [
      passage("Freedonia is a republic; its capital is Fredville. Thank you, you are welcome."),
      passage("Translate the following sentence into French: the cat eats. Le chien dort."),
    ];
    expect(findSharedRows(rows, corpus)).toEqual([]);
  });

  test("are found where a passage ends between question and answer, within one document only", () => {
    const question = passage("How do I reset the password of my account?");
    const answer = "Open settings and choose reset.";
    expect(findSharedRows(rows, [question, passage(answer)])[0]).toMatchObject({ passage: 0, kind: "row" });
    expect(findSharedRows(rows, [question, passage(answer, "e")])[0]).toMatchObject({
      passage: 0,
      kind: "prompt",
    });
  });

  test("are each named once, with the passage that holds most", () => {
    const question = rows[0]?.prompt ?? "";
    const corpus = [passage(question, "a"), passage(`${question} Open settings and choose reset.`, "b")];
    expect(findSharedRows(rows, corpus).map(({ row, passage: at, kind }) => [row, at, kind])).toEqual([
      [0, 1, "row"],
    ]);
    expect(findSharedRows([], corpus)).toEqual([]);
    expect(findSharedRows(rows, [])).toEqual([]);
  });
});
