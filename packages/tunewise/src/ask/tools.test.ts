import type { ToolCall } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { endpointAt, playedWorld, questionOf } from "../../../../test/support/ask-world.ts";
import { createAsker } from "./asker.ts";
import { requestKey } from "./endpoint.ts";
import type { CompletionRequest } from "./question.ts";

const tools = [
  { type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } },
];
const call: ToolCall = { name: "f", arguments: { a: 1 } };
const question = questionOf("", {
  messages: [
    { role: "user", content: "u" },
    { role: "assistant", content: "", toolCalls: [call, { id: "own", name: "f", arguments: "odd" }] },
    { role: "tool", content: "first" },
    { role: "tool", content: "second", toolCallId: "own" },
  ],
  tools,
  logprobs: true,
});

async function ask(style: "openai" | "anthropic", response: Response, asked: CompletionRequest = question) {
  const world = playedWorld([response]);
  const asker = createAsker(endpointAt("http://127.0.0.1:1/v1", { style }), world);
  const answer = await asker.complete(asked, new AbortController().signal);
  return { answer, body: (await world.requests[0]?.json()) as Record<string, unknown> };
}

function events(...all: object[]): Response {
  const text = all.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

test("OpenAI: calls and results refer to each other, and a streamed call is joined", async () => {
  const piece = (delta: object, finish: string | null = null): object => ({
    choices: [{ delta, finish_reason: finish, logprobs: { content: [{ token: "t", logprob: -0.5 }] } }],
  });
  const part = (fields: object, id?: string): object => ({
    tool_calls: [{ index: 0, id, function: fields }],
  });
  const { answer, body } = await ask(
    "openai",
    events(
      piece(part({ name: "f", arguments: "" }, "c1")),
      piece(part({ arguments: '{"b":' })),
      piece(part({ arguments: "2}" }), "tool_calls"),
    ),
  );
  expect(body["messages"]).toEqual([
    { role: "user", content: "u" },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
        { id: "own", type: "function", function: { name: "f", arguments: "odd" } },
      ],
    },
    { role: "tool", tool_call_id: "call_1", content: "first" },
    { role: "tool", tool_call_id: "own", content: "second" },
  ]);
  expect(body).toMatchObject({ tools, logprobs: true });
  expect(answer).toMatchObject({
    text: "",
    toolCalls: [{ id: "c1", name: "f", arguments: { b: 2 } }],
    logprobs: { tokens: ["t", "t", "t"], values: [-0.5, -0.5, -0.5] },
    finish: "stop",
  });
});

test("Anthropic: calls and results are blocks, and a streamed call is joined", async () => {
  const block = { type: "tool_use", id: "c1", name: "f", input: {} };
  const { answer, body } = await ask(
    "anthropic",
    events(
      { type: "message_start", message: { usage: { input_tokens: 5 } } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "so" } },
      { type: "content_block_start", index: 1, content_block: block },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"b":2}' } },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 7 } },
      { type: "message_stop" },
    ),
  );
  expect(body["tools"]).toEqual([{ name: "f", description: "d", input_schema: { type: "object" } }]);
  expect(body["messages"]).toEqual([
    { role: "user", content: "u" },
    {
      role: "assistant",
      content: [
        { type: "tool_use", id: "call_1", name: "f", input: { a: 1 } },
        { type: "tool_use", id: "own", name: "f", input: { text: "odd" } },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "call_1", content: "first" },
        { type: "tool_result", tool_use_id: "own", content: "second" },
      ],
    },
  ]);
  expect(answer).toMatchObject({ text: "so", toolCalls: [{ id: "c1", name: "f", arguments: { b: 2 } }] });
  expect(answer.leftOut).toEqual(["logprobs"]);
});

test("a question without tools has the key of earlier versions, and tools change it", () => {
  const at = endpointAt("http://127.0.0.1:1/v1");
  const plain = questionOf("q");
  expect(requestKey(at, { ...plain, tools: [], logprobs: false })).toBe(requestKey(at, plain));
  expect(requestKey(at, plain)).toBe("ea74080f94a91076b599042092efcb064dea7a5ae59a6d53aaa015b60f92e574");
  expect(requestKey(at, { ...plain, tools })).not.toBe(requestKey(at, plain));
});
