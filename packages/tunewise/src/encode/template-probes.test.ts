/** @file Tests rows with tools and reasoning: what templates drop is reported or written, and which tokens have loss. */
import { readFileSync } from "node:fs";
import type { Example } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { type EncodeOptions, encodeExamples } from "./encode.ts";
import { forTemplate } from "./template-probes.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const files = JSON.parse(readFileSync(golden, "utf8"));

const plain =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const withCalls = plain.replace(
  "{{ m.content }}",
  "{{ m.content }}{% for c in m.tool_calls %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}",
);
const withTools = `{% if tools %}{{ tools | tojson }}\n{% endif %}${withCalls}`;

function tokenizerWith(chatTemplate: string): Tokenizer {
  const made = createTokenizer({
    tokenizer: files.tokenizer,
    config: files.config,
    chatTemplate,
    endIds: [],
  });
  const endIds = made.encode("<|im_end|>", { addSpecialTokens: false });
  return createTokenizer({ tokenizer: files.tokenizer, config: files.config, chatTemplate, endIds });
}

const row: Example = {
  file: "r.jsonl",
  row: 1,
  messages: [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "", toolCalls: [{ name: "weather", arguments: { city: "Paris" } }] },
    { role: "tool", content: "dry" },
    { role: "assistant", content: "No." },
  ],
  tools: [{ type: "function", function: { name: "weather", parameters: {} } }],
};

function encoded(template: string, example = row, options: Partial<EncodeOptions> = {}) {
  const tokenizer = tokenizerWith(template);
  const { rows, findings } = encodeExamples([example], tokenizer, {
    maxLength: 512,
    overflow: "error",
    loss: "completion",
    trainOn: "all",
    reasoning: "train",
    ...options,
  });
  const [found] = rows;
  const trained = [...(found?.ids ?? [])].filter((_, at) => found?.labelled[at] === 1);
  return {
    codes: findings.flatMap(({ code, severity }) => (severity === "note" ? [] : [`${code} ${severity}`])),
    text: tokenizer.decode(trained),
  };
}

test("calls and answers have loss, tools and results have none", () => {
  const { codes, text } = encoded(withTools);
  expect(codes).toEqual([]);
  expect(text).toBe(
    '<tool_call>{"name": "weather", "arguments": {"city": "Paris"}}</tool_call><|im_end|>No.<|im_end|>',
  );
});

test("a template that drops the tools or the calls is reported", () => {
  expect(encoded(withCalls).codes).toEqual(["DATA_TOOLS_IGNORED warning"]);
  expect(encoded(plain).codes).toEqual(["DATA_CALLS_IGNORED error", "DATA_TOOLS_IGNORED warning"]);
  const { tools: _, ...bare } = { ...row, messages: row.messages.slice(0, 1).concat(row.messages.slice(3)) };
  expect(encoded(plain, bare).codes).toEqual([]);
});

test("reasoning is trained, by the template or as a block in front of the answer", () => {
  const thinking: Example = {
    ...row,
    messages: [
      { role: "user", content: "Rain?" },
      { role: "assistant", content: "No.", reasoning: "Dry air." },
    ],
  };
  const own = plain.replace(
    "{{ m.content }}",
    "{% if m.reasoning_content %}[{{ m.reasoning_content }}]{% endif %}{{ m.content }}",
  );
  expect(encoded(own, thinking).text).toBe("[Dry air.]No.<|im_end|>");
  expect(encoded(plain, thinking).text).toBe("<think>\nDry air.\n</think>\n\nNo.<|im_end|>");
});

const block = plain.replace(
  "{{ m.content }}",
  "{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}{{ m.content }}" +
    "{% for c in m.tool_calls %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}",
);
const channels = plain.replace(
  "{{ m.content }}",
  "{% if m.reasoning_content %}<|a|>{{ m.reasoning_content }}<|b|>{% endif %}{{ m.content }}",
);
const lastOnly = block.replace("if m.reasoning_content", "if m.reasoning_content and loop.last");
const twice: Example = {
  ...row,
  messages: [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "No.", reasoning: " No. Dry air.\n" },
    { role: "user", content: "Snow?" },
    { role: "assistant", content: "  Snow.", reasoning: "Cold, but" },
  ],
};
const calling: Example = {
  ...row,
  messages: [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "", reasoning: "Ask.", toolCalls: [{ name: "w", arguments: {} }] },
  ],
};

test.each([
  ["by the template", block, twice, "No.<|im_end|>  Snow.<|im_end|>"],
  ["between marks of the template", channels, twice, "No.<|im_end|>  Snow.<|im_end|>"],
  ["as a block in front of the answer", plain, twice, "No.<|im_end|>  Snow.<|im_end|>"],
  ["only in the last turn", lastOnly, twice, "  Snow.<|im_end|>"],
  ["before calls", block, calling, '<tool_call>{"name": "w", "arguments": {}}</tool_call><|im_end|>'],
])("masked reasoning has no loss: %s", (_, template, example, text) => {
  expect(encoded(template, example, { reasoning: "mask" }).text).toBe(text);
});

test("with loss: all, masked reasoning has none, and its tokens are counted", () => {
  const options = { maxLength: 512, overflow: "error", loss: "all", trainOn: "all" } as const;
  const of = (reasoning: "train" | "mask") =>
    encodeExamples([twice], tokenizerWith(block), { ...options, reasoning }).statistics;
  const { tokens, labelledTokens, reasoningTokens } = of("mask");
  expect(reasoningTokens).toBeGreaterThan(20);
  expect(labelledTokens).toBe(tokens - 1 - reasoningTokens);
  expect(of("train")).toMatchObject({ labelledTokens: tokens - 1, reasoningTokens });
});

test("answers without reasoning are reported for a template that writes some", () => {
  const bare: Example = { ...row, messages: [row.messages[0], row.messages[3]] as Example["messages"] };
  expect(encoded(block, twice).codes).not.toContain("DATA_REASONING_MISSING warning");
  expect(encoded(plain, bare).codes).toEqual(["DATA_TOOLS_IGNORED warning"]);
  expect(encoded(block, bare).codes).toContain("DATA_REASONING_MISSING warning");
});

test("arguments are texts for templates that require them, and objects for others", () => {
  const concatenated =
    '{{ m.content }}{% for c in m.tool_calls %}<c>{{ c.function.name + " " + c.function.arguments }}</c>{% endfor %}';
  const toolCalls = [{ name: "f", arguments: { a: 1 } }];
  const conversation = { messages: [{ role: "assistant" as const, content: "", toolCalls }] };
  const given = (turn: string) =>
    forTemplate(conversation, tokenizerWith(plain.replace("{{ m.content }}", turn))).messages[0]
      ?.toolCalls?.[0]?.arguments;
  expect(given(concatenated)).toBe('{"a":1}');
  expect(given("{% for c in m.tool_calls %}<c>{{ c.function | tojson }}</c>{% endfor %}")).toEqual({ a: 1 });
});

test("calls are trained with a template that refuses arguments as objects", () => {
  const calling = withTools.replace("c.function | tojson", "c.function.name + ' ' + c.function.arguments");
  expect(encoded(calling).text).toBe(
    '<tool_call>weather {"city":"Paris"}</tool_call><|im_end|>No.<|im_end|>',
  );
});
