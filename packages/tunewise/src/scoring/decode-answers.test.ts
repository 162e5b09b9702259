/** @file Answers with calls become their text form, whichever syntax the model writes. */
import { readFileSync } from "node:fs";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import type { Recipe } from "../recipe/index.ts";
import { decodeAnswers } from "./decode-answers.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const files = JSON.parse(readFileSync(golden, "utf8"));

/** A tokenizer with `[CALLS]` as special token, and a template that writes calls in a given way. */
function tokenizerWith(call: string): Tokenizer {
  const added = { id: 60_000, content: "[CALLS]", special: true, normalized: false };
  return createTokenizer({
    tokenizer: { ...files.tokenizer, added_tokens: [...files.tokenizer.added_tokens, added] },
    config: files.config,
    chatTemplate: `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}${call}<|im_end|>{% endfor %}`,
    endIds: [],
  });
}

async function textOf(answer: string, call: string, metrics: readonly string[], tools?: []): Promise<string> {
  const tokenizer = tokenizerWith(call);
  const ids = tokenizer.encode(answer, { addSpecialTokens: false });
  const evaluation = { maxNewTokens: 99, temperature: 0, topP: 1, batchSize: 2 };
  const recipe = { evaluation, training: { seed: 1 }, task: { metrics } } as unknown as Recipe;
  const [found] = await decodeAnswers(
    {
      model: { generate: () => Promise.resolve([ids]), choose: () => Promise.reject(new Error("unused")) },
      tokenizer,
      recipe,
      decoding: { kind: "free", reason: null },
      signal: new AbortController().signal,
    },
    [{ ids: Int32Array.of(5), messages: [], ...(tools && { tools }) }],
  );
  return found?.text ?? "";
}

const special = "{% for c in m.tool_calls %}[CALLS]{{ c.function | tojson }}{% endfor %}";
const words =
  "{% for c in m.tool_calls %}>>> {{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor %}";
const asText = 'Wait.\n<tool_call>\n{"name":"f","arguments":{"a":1}}\n</tool_call>';

test.each([
  [special, 'Wait.[CALLS]{"name": "f", "arguments": {"a": 1}}<|im_end|>'],
  [words, 'Wait.>>> f {"a": 1}'],
  [words, '<think>\n>>> g {}\n</think>\n\nWait.>>> f {"a": 1}'],
])("calls that %s writes are read", async (call, answer) => {
  expect(await textOf(answer, call, ["tool_calls"])).toBe(asText);
  expect(await textOf(answer, call, ["exact_match"], [])).toBe(asText);
});

test("answers without calls, and of tasks without tools, are text without special tokens", async () => {
  const broken = 'Wait.[CALLS]{"name": "f", "arg';
  expect(await textOf(broken, special, ["exact_match"])).toBe('Wait.{"name": "f", "arg');
  expect(await textOf(broken, special, ["tool_calls"])).toBe(broken);
  expect(await textOf("Wait.<|im_end|>", special, ["tool_calls"])).toBe("Wait.");
});
