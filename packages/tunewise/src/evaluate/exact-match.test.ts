import { expect, test } from "vitest";
import { matchesExactly, normalizeText } from "./exact-match.ts";

const strict = { case: "keep", whitespace: "keep" } as const;
const loose = { case: "ignore", whitespace: "collapse" } as const;

test.each([
  { answer: "card_arrival", reference: "card_arrival", strictly: true, loosely: true },
  { answer: "  card_arrival\n", reference: "card_arrival", strictly: true, loosely: true },
  { answer: "Card_Arrival", reference: "card_arrival", strictly: false, loosely: true },
  { answer: "two  words", reference: "two words", strictly: false, loosely: true },
  { answer: "two\n\twords", reference: "two words ", strictly: false, loosely: true },
  { answer: "twowords", reference: "two words", strictly: false, loosely: false },
  { answer: "card_arrival.", reference: "card_arrival", strictly: false, loosely: false },
  { answer: "", reference: "  ", strictly: true, loosely: true },
  { answer: "", reference: "x", strictly: false, loosely: false },
])("$answer is $reference: $strictly, loosely $loosely", ({ answer, reference, strictly, loosely }) => {
  expect(matchesExactly(answer, reference, strict)).toBe(strictly);
  expect(matchesExactly(answer, reference, loose)).toBe(loosely);
});

test("trimming keeps what is inside", () => {
  expect(normalizeText(" A  b ", strict)).toBe("A  b");
  expect(normalizeText(" A  b ", loose)).toBe("a b");
});
