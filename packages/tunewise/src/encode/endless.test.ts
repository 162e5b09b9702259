/** @file Tests the deadline for rows on which the tokenizer's pattern would never finish. */
import { createTokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { tinyTokenizer } from "../../../../test/support/tiny-model.ts";
import { encodeExamples } from "./encode.ts";

const files = tinyTokenizer();

test("rows share a deadline, and the first that does not end ends them", { timeout: 60_000 }, () => {
  const split = { type: "Split", pattern: { Regex: "(a+)+$" }, behavior: "Isolated", invert: false };
  const tokenizer = createTokenizer({
    ...files,
    tokenizer: { ...(files.tokenizer as object), pre_tokenizer: split },
  });
  const examples = Array.from({ length: 200 }, (_, row) => ({
    messages: [
      { role: "user" as const, content: `${"a".repeat(60)}!` },
      { role: "assistant" as const, content: "b" },
    ],
    file: "a.jsonl",
    row: row + 1,
  }));
  const start = performance.now();
  const options = {
    maxLength: 64,
    overflow: "truncate",
    loss: "completion",
    trainOn: "all",
    reasoning: "train",
  } as const;
  expect(() => encodeExamples(examples as never, tokenizer, options)).toThrow(
    expect.objectContaining({ code: "TOKENIZER_TOO_SLOW" }),
  );
  expect(performance.now() - start).toBeLessThan(20_000);
});
