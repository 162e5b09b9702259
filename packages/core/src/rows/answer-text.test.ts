/** @file Tests the text form of answers: it returns the answer it was written from, and hostile text stays text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerText, parseAnswerText, splitReasoning } from "./answer-text.ts";

const call = fc.record({
  name: fc.stringMatching(/^[a-z_.-]{1,20}$/),
  arguments: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 2 }), {
    noNullPrototype: true,
  }),
});

test("calls and content survive the way to text and back", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[\w .,]{0,40}$/),
      fc.array(call, { minLength: 1, maxLength: 4 }),
      (text, made) => {
        const toolCalls = JSON.parse(JSON.stringify(made));
        const read = parseAnswerText(answerText({ content: text, toolCalls }));
        const isClean = !JSON.stringify(toolCalls).includes("tool_call>");
        if (isClean) expect(read).toEqual({ content: text.trim(), toolCalls, malformed: null });
      },
    ),
  );
});

test.each([
  ["no call", "Hello <b>you</b>", null],
  ["a call that is no JSON", "<tool_call>oops</tool_call>", "oops"],
  ["a call without a name", '<tool_call>{"arguments": {}}</tool_call>', '{"arguments": {}}'],
  ["a call that does not end", 'Well <tool_call>{"name": "f"', '<tool_call>{"name": "f"'],
  ["one good and one bad call", '<tool_call>{"name":"f"}</tool_call><tool_call>[]</tool_call>', "[]"],
])("%s stays text", (_, text, malformed) => {
  expect(parseAnswerText(text)).toEqual({ content: text, malformed });
});

test("a long text of openings takes linear time", () => {
  const text = "<tool_call>".repeat(200_000);
  const start = performance.now();
  expect(parseAnswerText(text).malformed).not.toBeNull();
  expect(performance.now() - start).toBeLessThan(5_000);
});

test.each([
  ["<think>a</think>b", false, "a", "b"],
  ["a</think>b", true, "a", "b"], // the prompt has the opening
  ["a</think>b", false, "", "a</think>b"],
  ["<think>a", true, "a", ""], // the token limit was reached
  ["<think>a", false, "", "<think>a"],
  ["Write <think>x</think>.", true, "", "Write <think>x</think>."],
])("%j, generated: %s", (text, isGenerated, reasoning, content) => {
  expect(splitReasoning(text, isGenerated)).toEqual({ reasoning, content });
});
