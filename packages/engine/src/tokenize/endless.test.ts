/** @file Tokenizers and templates that would never terminate, or whose output would grow without limit. */
import { expect, test } from "vitest";
import { tinyTokenizer } from "../../../../test/support/tiny-model.ts";
import { createTokenizer } from "./create.ts";
import { secondsFor } from "./time-limit.ts";

const files = tinyTokenizer();
const withPart = (key: string, part: unknown) => ({
  ...files,
  tokenizer: { ...(files.tokenizer as object), [key]: part },
});
const text = `${"a".repeat(60)}!`;
const slow = { code: "TOKENIZER_TOO_SLOW" };

test("a pattern that does not end is cut off: splitting, normalizing, decoding", { timeout: 60_000 }, () => {
  const pattern = { Regex: "(a+)+$" };
  const split = { type: "Split", pattern, behavior: "Isolated", invert: false };
  expect(() => createTokenizer(withPart("pre_tokenizer", split)).encode(text)).toThrow(
    expect.objectContaining(slow),
  );
  const replace = { type: "Replace", pattern, content: "" };
  expect(() => createTokenizer(withPart("normalizer", replace)).encodeAt(text, 3)).toThrow(
    expect.objectContaining(slow),
  );
});

test("a long text has longer: ten seconds more for each million characters", () => {
  expect([secondsFor(0), secondsFor(1_000_000)]).toEqual([5, 15]);
});

test("a normalizer that makes megabytes of a letter is refused", () => {
  const replace = { type: "Replace", pattern: { String: "a" }, content: "b".repeat(2 ** 21) };
  expect(() => createTokenizer(withPart("normalizer", replace)).encode(text)).toThrow(
    expect.objectContaining({ code: "TOKENIZER_INVALID" }),
  );
});

test("a template that piles texts up is stopped by what it makes", { timeout: 60_000 }, () => {
  const template =
    "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = ns.l + [messages[0].content | upper] %}{% endfor %}";
  const tokenizer = createTokenizer({ ...files, config: { chat_template: template } });
  const messages = [{ role: "user" as const, content: "a".repeat(2 ** 20) }];
  expect(() => tokenizer.render({ messages }, { addGenerationPrompt: false })).toThrow(
    expect.objectContaining({ code: "TEMPLATE_LIMIT" }),
  );
});
