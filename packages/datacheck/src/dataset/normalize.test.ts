/** @file When two texts count as the same. */
import { expect, test } from "vitest";
import { normalizeText } from "./normalize.ts";

test.each([
  ["Hello, World!", "hello world"],
  ["  a--b__c ", "a b c"],
  ["Größe 5€", "größe 5"],
  ["!?", ""],
  ["你好，世界", "你好 世界"],
])("normalizeText(%j)", (text, normal) => {
  expect(normalizeText(text)).toBe(normal);
});
