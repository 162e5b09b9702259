/** @file Tests that rows with tools become the same conversation, whichever vendor's form they have. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { readOptions } from "../../../../../test/support/read-options.ts";
import { converterOf } from "../formats.ts";
import { readExamples } from "../read.ts";

const convert = converterOf("chat", { prompt: "", completion: "" });
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const definition = { name: "weather", description: "Get the weather.", parameters };
const given = { city: "Paris" };
const text = JSON.stringify(given);
const list = JSON.stringify([{ type: "function", function: definition }]);
const call = { name: "weather", arguments: given };

/** The conversation that all forms below stand for, with or without ids and names. */
const expected = {
  messages: [
    { role: "user", content: "Rain in Paris?" },
    { role: "assistant", content: "", toolCalls: [call] },
    { role: "tool", content: '{"rain": false}' },
    { role: "assistant", content: "No." },
  ],
  tools: [{ type: "function", function: definition }],
};
const withId = (id: string, names: object) => ({
  ...expected,
  messages: expected.messages.map((message) => {
    if (message.role === "tool") return { ...message, ...names };
    return message.toolCalls ? { ...message, toolCalls: [{ id, ...call }] } : message;
  }),
});
const user = { role: "user", content: "Rain in Paris?" };
const answer = { role: "assistant", content: "No." };
const rain = '{"rain": false}';

describe("forms of tool calls", () => {
  test.each<[string, Record<string, unknown>, object]>([
    [
      "OpenAI",
      {
        messages: [
          user,
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: text } }],
          },
          { role: "tool", tool_call_id: "c1", content: rain },
          answer,
        ],
        tools: [{ type: "function", function: definition }],
        parallel_tool_calls: false,
      },
      withId("c1", { toolCallId: "c1" }),
    ],
    [
      "OpenAI before tools",
      {
        messages: [
          user,
          { role: "assistant", content: null, function_call: { name: "weather", arguments: text } },
          { role: "function", name: "weather", content: rain },
          answer,
        ],
        functions: [definition],
      },
      withName("weather"),
    ],
    [
      "Hugging Face, with the tools as JSON text",
      {
        messages: [
          user,
          { role: "assistant", tool_calls: [{ type: "function", function: call }] },
          { role: "tool", name: "weather", content: rain },
          answer,
        ],
        tools: JSON.stringify([{ type: "function", function: definition }]),
      },
      withName("weather"),
    ],
    [
      "ShareGPT",
      {
        conversations: [
          { from: "human", value: "Rain in Paris?" },
          { from: "function_call", value: JSON.stringify(call) },
          { from: "observation", value: rain },
          { from: "gpt", value: "No." },
        ],
        tools: JSON.stringify([definition]),
      },
      expected,
    ],
    [
      "Hermes",
      {
        conversations: [
          {
            from: "system",
            value: `You call functions: <tools> ${list} </tools> Return <tool_call> blocks.`,
          },
          { from: "human", value: "Rain in Paris?" },
          { from: "gpt", value: `<tool_call>\n${JSON.stringify(call)}\n</tool_call>` },
          { from: "tool", value: `<tool_response>\n${rain}\n</tool_response>` },
          { from: "gpt", value: "No." },
        ],
      },
      expected,
    ],
    [
      "Anthropic",
      {
        messages: [
          user,
          { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "weather", input: given }] },
          {
            role: "user",
            content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: rain }] }],
          },
          answer,
        ],
        tools: [{ name: "weather", description: "Get the weather.", input_schema: parameters }],
      },
      withId("t1", { toolCallId: "t1" }),
    ],
    [
      "Amazon Bedrock",
      {
        messages: [
          { role: "user", content: [{ text: "Rain in Paris?" }] },
          { role: "assistant", content: [{ toolUse: { toolUseId: "b1", name: "weather", input: given } }] },
          { role: "user", content: [{ toolResult: { toolUseId: "b1", content: [{ text: rain }] } }] },
          { role: "assistant", content: [{ text: "No." }] },
        ],
        toolConfig: {
          tools: [{ toolSpec: { ...definition, parameters: undefined, inputSchema: { json: parameters } } }],
        },
      },
      withId("b1", { toolCallId: "b1" }),
    ],
    [
      "Google",
      {
        contents: [
          { role: "user", parts: [{ text: "Rain in Paris?" }] },
          { role: "model", parts: [{ functionCall: { name: "weather", args: given } }] },
          { role: "user", parts: [{ functionResponse: { name: "weather", response: { rain: false } } }] },
          { role: "model", parts: [{ text: "No." }] },
        ],
        tools: [{ functionDeclarations: [definition] }],
      },
      withName("weather", '{"rain":false}'),
    ],
  ])("%s", (_, row, conversation) => {
    expect(convert(row)).toEqual(conversation);
  });

  function withName(name: string, content = rain): object {
    return {
      ...expected,
      messages: expected.messages.map((one) => (one.role === "tool" ? { ...one, content, name } : one)),
    };
  }
});

test("several calls, text beside them and weights are kept", () => {
  const calls = [1, 2].map((at) => ({ id: `c${at}`, function: { name: `f${at}`, arguments: {} } }));
  const row = {
    messages: [user, { role: "assistant", content: "Let me see.", tool_calls: calls, weight: 0 }, answer],
  };
  expect(convert(row)).toMatchObject({
    messages: [
      {},
      { content: "Let me see.", weight: 0, toolCalls: [{ id: "c1" }, { id: "c2", name: "f2" }] },
      {},
    ],
  });
});

test("reasoning is apart from the content, as a field, a part or a block", () => {
  const turns = [
    { role: "assistant", reasoning_content: "Hm.", content: "No." },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm." },
        { type: "text", text: "No." },
      ],
    },
    { role: "assistant", content: "<think>\nHm.\n</think>\n\nNo." },
  ];
  for (const turn of turns) {
    expect(convert({ messages: [user, turn] })).toEqual({
      messages: [user, { ...answer, reasoning: "Hm." }],
    });
  }
  // an empty block is no reasoning, and a block inside of a text is part of it
  expect(convert({ messages: [user, { ...answer, content: "<think></think>No." }] })).toEqual({
    messages: [user, answer],
  });
  const inside = { ...answer, content: "Write <think>x</think>." };
  expect(convert({ messages: [user, inside] })).toEqual({ messages: [user, inside] });
});

test("the paragraphs of a system message before the tools stay, and malformed calls stay text", () => {
  const system = {
    role: "system",
    content: `Be kind.\n\n# Tools\n<tools>\n${JSON.stringify(definition)}\n</tools>`,
  };
  const calling = (json: string) => ({ role: "assistant", content: `<tool_call>${json}</tool_call>` });
  expect(convert({ messages: [system, user, calling(JSON.stringify(call))] })).toMatchObject({
    messages: [{ role: "system", content: "Be kind." }, user, { toolCalls: [call] }],
    tools: [{ function: { name: "weather" } }],
  });
  const row = { messages: [system, user, calling("oops")] };
  expect(convert(row)).toEqual(row);
});

test.each([
  [{ tools: "oops" }, "DATA_TOOLS_INVALID", "tools is a string, not a list"],
  [{ tools: [{ type: "function" }] }, "DATA_TOOLS_INVALID", "tools[0] has no name"],
  [
    { messages: [user, { role: "assistant", tool_calls: [{ id: "1" }] }] },
    "DATA_TOOL_CALL_INVALID",
    "messages[1].tool_calls[0] has no name",
  ],
  [
    { messages: [user, { role: "assistant", tool_calls: [{ name: "f", arguments: [1] }] }] },
    "DATA_TOOL_CALL_INVALID",
    "its arguments are a list",
  ],
  [
    { messages: [user, { role: "function_call", content: "f()" }] },
    "DATA_TOOL_CALL_INVALID",
    "is no call in JSON",
  ],
])("%j is refused as %s", (row, code, reason) => {
  const read = convert({ messages: [user, answer], ...row });
  expect(read).toMatchObject({ code, reason: expect.stringContaining(reason) });
});

test("in a table, a column named tools that defines none is only a column", () => {
  const table = converterOf("table", { prompt: "q", completion: "a" });
  expect(table({ q: "Which tool?", a: "A hammer.", tools: "hammer, saw" })).toEqual({
    messages: [
      { role: "user", content: "Which tool?" },
      { role: "assistant", content: "A hammer." },
    ],
  });
  const tools = JSON.stringify([definition]);
  expect(table({ q: "Rain?", a: "No.", tools })).toMatchObject({ tools: expected.tools });
  expect(table({ q: [user], a: [answer], tools: "oops" })).toMatchObject({ code: "DATA_TOOLS_INVALID" });
});

describe("null arguments", () => {
  const options = readOptions;
  const argumentsIn = async (path: string): Promise<unknown[]> => {
    const { examples } = await readExamples(path, "rows", options);
    return examples.map(({ messages }) => messages[1]?.toolCalls?.map((one) => one.arguments));
  };
  const golden = fileURLToPath(new URL("../../../../../test/conformance/golden/dataset/", import.meta.url));

  test.each(["parquet", "arrow"])("those that the schema of %s adds are not read", async (ending) => {
    expect(await argumentsIn(join(golden, `tools.${ending}`))).toEqual([
      [{ city: "Bern" }],
      [{ amount: 2.5, currency: { to: "CHF" } }],
    ]);
  });

  test("those of a JSON line are", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tunewise-nulls-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const calls = [{ name: "weather", arguments: { city: "Bern", day: null } }];
    const messages = [user, { role: "assistant", content: null, tool_calls: calls }];
    await writeFile(join(folder, "rows.jsonl"), JSON.stringify({ messages }));
    expect(await argumentsIn(join(folder, "rows.jsonl"))).toEqual([[{ city: "Bern", day: null }]]);
  });
});
