/** @file Tests rows with tools and reasoning: what templates drop is reported or written, and which tokens have loss. */
import { readFileSync } from "node:fs";
import type { Example } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { encodeExamples } from "./encode.ts";
import { callsReadBack } from "./template-probes.ts";

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

function encoded(template: string, example = row) {
  const tokenizer = tokenizerWith(template);
  const { rows, findings } = encodeExamples([example], tokenizer, {
    maxLength: 512,
    overflow: "error",
    loss: "completion",
    trainOn: "all",
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

test("whether generated calls can be read depends on what the template writes", () => {
  const hermes = withTools.replace("{{ c.function | tojson }}", "\n{{ c.function | tojson }}\n");
  const llama = withTools.replace(
    "<tool_call>{{ c.function | tojson }}</tool_call>",
    "{{ c.function | tojson }}",
  );
  expect([withTools, hermes, llama, plain].map((one) => callsReadBack(tokenizerWith(one)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
