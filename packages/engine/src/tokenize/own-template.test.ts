/** @file Templates and variables of a user, and the shipped template, in which calls are written and read back. */
import { readFileSync } from "node:fs";
import { mulberry32 } from "@tunewise/core/math";
import type { Conversation, JsonObject, Message } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { callingTurn } from "../../../../test/support/random-conversations.ts";
import { createTokenizer } from "./create.ts";
import { portableTemplate, withTemplate } from "./own-template.ts";
import { shippedTemplates } from "./shipped-templates.ts";
import type { TokenizerFiles } from "./tokenizer.ts";
import { learnToolCallSyntax, rendersTools } from "./tool-calls/learn.ts";
import { parseToolCalls } from "./tool-calls/parser.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const { tokenizer: model, config } = JSON.parse(readFileSync(golden, "utf8"));
const tokenizerFiles: TokenizerFiles = {
  tokenizer: model,
  config: { ...config, eos_token: "<|im_end|>" },
  chatTemplate: null,
  endIds: [],
};
const prompting = { addGenerationPrompt: true } as const;
const user: Message = { role: "user", content: "Hi" };
const own = (template: string | null, variables: JsonObject | null = null) =>
  createTokenizer(withTemplate(tokenizerFiles, { template, variables }));

test("variables reach the template, below messages and tools; those of a call come first", () => {
  const template = "{{ a }}|{{ b | tojson }}|{{ messages[0].content }}|{{ tools is none }}|{{ eos_token }}";
  const tokenizer = own(template, { a: 1, b: { c: [null, true] }, messages: "no", tools: 1, eos_token: "E" });
  const conversation = { messages: [user] };
  expect(tokenizer.render(conversation, prompting)).toBe('1|{"c": [null, true]}|Hi|True|E');
  expect(tokenizer.render(conversation, { ...prompting, variables: { a: 2 } })).toBe(
    '2|{"c": [null, true]}|Hi|True|E',
  );
});

test("without a template, the variables are those of the model's own", () => {
  const files = { ...tokenizerFiles, chatTemplate: "{{ enable_thinking }}" };
  const tokenizer = createTokenizer(
    withTemplate(files, { template: null, variables: { enable_thinking: false } }),
  );
  expect(tokenizer.render({ messages: [user] }, prompting)).toBe("False");
});

test("a template that sets its variables writes the same for any JSON value", () => {
  const template = "{{ v | tojson }}{% for m in messages %}{{ m.content }}{{ v }}{% endfor %}";
  for (let seed = 0; seed < 50; seed++) {
    const [call] = callingTurn(mulberry32(seed)).answer.toolCalls ?? [];
    const v = {
      text: "it's \\ \n \t\r{{ x }} %} {% x",
      ...(call?.arguments as JsonObject),
      n: -1.5,
      e: [1e-7, 1e30],
    };
    const files = withTemplate(tokenizerFiles, { template, variables: { v } });
    const portable = withTemplate(tokenizerFiles, { template: portableTemplate(files), variables: null });
    const texts = [files, portable].map((one) =>
      createTokenizer(one).render({ messages: [user] }, prompting),
    );
    expect(texts[1], `seed ${seed}`).toBe(texts[0]);
  }
});

test("the shipped template writes systems, tools, calls and results", () => {
  const tools = [{ type: "function", function: { name: "weather", parameters: {} } }];
  const messages: Message[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "", toolCalls: [{ name: "weather", arguments: { city: "Köln" } }] },
    { role: "tool", content: "dry", name: "weather" },
    { role: "assistant", content: "No." },
  ];
  expect(
    own(shippedTemplates.tools).render({ messages, tools }, { addGenerationPrompt: false }),
  ).toMatchInlineSnapshot(`
      "<|im_start|>system
      Be brief.

      You can call these tools:
      <tools>
      {"type": "function", "function": {"name": "weather", "parameters": {}}}
      </tools>
      To call a tool, write:
      <tool_call>
      {"name": NAME, "arguments": ARGUMENTS}
      </tool_call><|im_end|>
      <|im_start|>user
      Rain?<|im_end|>
      <|im_start|>assistant
      <tool_call>
      {"name": "weather", "arguments": {"city": "Köln"}}
      </tool_call><|im_end|>
      <|im_start|>tool
      <tool_response>
      dry
      </tool_response><|im_end|>
      <|im_start|>assistant
      No.<|im_end|>
      "
    `);
});

test("the shipped template writes no system turn of its own, and ends turns with the model's end token", () => {
  const messages: Message[] = [user, { role: "assistant", content: "Hello" }, user];
  expect(own(shippedTemplates.tools).render({ messages }, prompting)).toBe(
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n" +
      "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
  );
  const other = own(shippedTemplates.tools, { eos_token: "<|endoftext|>" });
  expect(other.render({ messages: [user] }, prompting)).toBe(
    "<|im_start|>user\nHi<|endoftext|>\n<|im_start|>assistant\n",
  );
});

test("calls in the shipped template are read back, and prompts are the beginnings of rows", () => {
  const tokenizer = own(shippedTemplates.tools);
  const syntax = learnToolCallSyntax(tokenizer);
  if (syntax === null) throw new Error("no syntax");
  expect(rendersTools(tokenizer)).toBe(true);
  for (let seed = 0; seed < 100; seed++) {
    const { tools, answer } = callingTurn(mulberry32(seed));
    const asked: Conversation = { messages: [user], tools };
    const prompt = tokenizer.render(asked, prompting);
    const full = tokenizer.render({ ...asked, messages: [user, answer] }, { addGenerationPrompt: false });
    expect(full.startsWith(prompt)).toBe(true);
    expect(full.endsWith("<|im_end|>\n")).toBe(true);
    const written = full.slice(prompt.length, -"<|im_end|>\n".length);
    const parsed = parseToolCalls(written, syntax, tools);
    const calls = (answer.toolCalls ?? []).map((call) => [call.name, call.arguments]);
    expect(parsed.toolCalls.map((call) => [call.name, call.arguments])).toEqual(calls);
    expect([parsed.content, parsed.malformed]).toEqual([answer.content, null]);
  }
});
