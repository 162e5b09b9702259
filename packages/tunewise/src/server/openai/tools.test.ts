/** @file Tools, calls and results over OpenAI's client, in the syntaxes of several models. */
import OpenAI from "openai";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import { afterEach, describe, expect, it } from "vitest";
import { callTemplates } from "../../../../../test/support/call-templates.ts";
import { scriptedModel, tokenizerWith } from "../../../../../test/support/scripted-model.ts";
import { type ModelServer, serveModel } from "./model-server.ts";

const open: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});

const special: Readonly<Record<string, readonly string[]>> = {
  mistral3: ["[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"],
  phi: ["<|tool_call|>", "<|/tool_call|>"],
};

interface Served {
  readonly client: OpenAI;
  readonly prompts: readonly string[];
  readonly url: string;
}

const serve = (family: string, answerTo: (prompt: string) => string): Promise<Served> =>
  serveTurn(callTemplates[family] ?? "", answerTo, special[family]);

async function serveTurn(
  turn: string,
  answerTo: (prompt: string) => string,
  added?: readonly string[],
): Promise<Served> {
  const tokenizer = tokenizerWith(turn, added);
  const { textModel, prompts } = scriptedModel(tokenizer, answerTo);
  const server = await serveModel(textModel, { host: "127.0.0.1", port: 0, apiKey: null });
  open.push(server);
  const client = new OpenAI({ baseURL: server.url, apiKey: "unused", maxRetries: 0 });
  return { client, prompts, url: server.url };
}

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { type: "function" as const, function: { name: "weather", parameters } };
const time = { type: "function" as const, function: { name: "time", description: "The time." } };
const asking = {
  model: "run-1",
  messages: [{ role: "user" as const, content: "Rain in Paris?" }],
  tools: [weather, time],
} satisfies ChatCompletionCreateParamsNonStreaming;

const two: Readonly<Record<string, string>> = {
  hermes:
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>\n' +
    '<tool_call>\n{"name": "time", "arguments": {}}\n</tool_call>',
  mistral3: '[TOOL_CALLS]weather[CALL_ID]abcdefghi[ARGS]{"city": "Paris"}[TOOL_CALLS]time[CALL_ID]a[ARGS]{}',
  phi: '<|tool_call|>[{"name": "weather", "arguments": {"city": "Paris"}}, {"name": "time", "arguments": {}}]<|/tool_call|>',
  coder:
    "<tool_call>\n<function=weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>\n" +
    "<tool_call>\n<function=time>\n</function>\n</tool_call>",
};

describe.each(Object.entries(two))("%s", (family, answer) => {
  it("calls come whole", async () => {
    const { client, prompts } = await serve(family, () => answer);
    const { choices, usage } = await client.chat.completions.create(asking);
    expect(choices[0]).toMatchObject({ message: { content: null }, finish_reason: "tool_calls" });
    const calls = choices[0]?.message.tool_calls ?? [];
    expect(
      calls.map(
        (call) => call.type === "function" && [call.function.name, JSON.parse(call.function.arguments)],
      ),
    ).toEqual([
      ["weather", { city: "Paris" }],
      ["time", {}],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(usage?.completion_tokens).toBeGreaterThan(5);
    expect(prompts[0]).toContain('"city"');
  });

  it("calls come as a stream, which the client's helper puts together", async () => {
    const { client } = await serve(family, () => answer);
    const names: string[] = [];
    const stream = client.chat.completions.stream(asking);
    stream.on("tool_calls.function.arguments.done", ({ name }) => names.push(name));
    const { choices } = await stream.finalChatCompletion();
    expect(names).toEqual(["weather", "time"]);
    expect(choices[0]?.finish_reason).toBe("tool_calls");
    expect(choices[0]?.message.tool_calls?.map((call) => JSON.parse(call.function.arguments))).toEqual([
      { city: "Paris" },
      {},
    ]);
    const raw = await client.chat.completions.create({ ...asking, stream: true });
    const deltas = [];
    for await (const chunk of raw) deltas.push(...(chunk.choices[0]?.delta.tool_calls ?? []));
    const begins = deltas.filter(({ id }) => id !== undefined);
    expect(begins.map(({ index, function: given }) => [index, given?.name, given?.arguments])).toEqual([
      [0, "weather", ""],
      [1, "time", ""],
    ]);
  });

  it("with parallel_tool_calls: false the answer ends behind the first call", async () => {
    const { client } = await serve(family, () => answer);
    const { choices } = await client.chat.completions.create({ ...asking, parallel_tool_calls: false });
    expect(choices[0]?.message.tool_calls).toHaveLength(1);
    expect(choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("the client's loop over tools gets its answer", async () => {
    const { client, prompts } = await serve(family, (prompt) => (prompt.includes("so dry") ? "No." : answer));
    const calls = (await client.chat.completions.create(asking)).choices[0]?.message;
    if (!calls) throw new Error("no answer");
    const results = (calls.tool_calls ?? []).map(({ id }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: "so dry",
    }));
    const { choices } = await client.chat.completions.create({
      ...asking,
      messages: [...asking.messages, calls, ...results],
    });
    expect(choices[0]).toMatchObject({ message: { content: "No." }, finish_reason: "stop" });
    expect(prompts[1]).toContain("weather");
  });
});

describe("answers with tools", () => {
  it("may be text, before a call or alone", async () => {
    const { client } = await serve("hermes", (prompt) =>
      prompt.includes("Hi") ? "Hello." : `Let me see.\n${two["hermes"]}`,
    );
    const both = (await client.chat.completions.create(asking)).choices[0];
    expect([both?.message.content, both?.message.tool_calls?.length]).toEqual(["Let me see.", 2]);
    const messages = [{ role: "user" as const, content: "Hi" }];
    const alone = (await client.chat.completions.create({ ...asking, messages })).choices[0];
    expect(alone).toMatchObject({ message: { content: "Hello." }, finish_reason: "stop" });
    expect(alone?.message.tool_calls).toBeUndefined();
  });

  it("are text where a call breaks off, and where none may be made", async () => {
    const { client, prompts } = await serve("hermes", () => two["hermes"] ?? "");
    const cut = (await client.chat.completions.create({ ...asking, max_tokens: 12 })).choices[0];
    expect(cut).toMatchObject({ finish_reason: "length" });
    expect(cut?.message.content).toMatch(/^<tool_call>/);
    const none = (await client.chat.completions.create({ ...asking, tool_choice: "none" })).choices[0];
    expect(none?.message.content).toBe(two["hermes"]);
    expect(prompts[1]).not.toContain('"city"');
  });
});

describe("answers that must call a tool", () => {
  const bounded = {
    type: "object",
    properties: { city: { enum: ["Paris", "Köln"] }, days: { type: "integer" } },
    required: ["city"],
  };
  const forecast = { type: "function" as const, function: { name: "forecast", parameters: bounded } };
  const clock = {
    type: "function" as const,
    function: { name: "clock", parameters: { type: "object", properties: {}, additionalProperties: false } },
  };
  const required = { ...asking, tools: [forecast, clock], max_tokens: 2000 };

  const callsOf = async (client: OpenAI, fields: object): Promise<[string, object][]> => {
    const { choices } = await client.chat.completions.create({ ...required, ...fields });
    expect(choices[0]?.finish_reason, JSON.stringify(choices)).toBe("tool_calls");
    return (choices[0]?.message.tool_calls ?? []).map((call) => {
      if (call.type !== "function") throw new Error("another type");
      return [call.function.name, JSON.parse(call.function.arguments)];
    });
  };

  it.each(["hermes", "llama", "mistral", "mistral3", "phi", "deepseek", "byName"])(
    "%s: a model of random tokens calls offered tools with valid arguments",
    async (family) => {
      const { client } = await serve(family, () => "Hello.");
      const names = new Set<string>();
      for (let turn = 0; turn < 12; turn++) {
        for (const [name, given] of await callsOf(client, { tool_choice: "required" })) {
          names.add(name);
          if (name === "clock") expect(given).toEqual({});
          else
            expect(given).toEqual({ city: expect.stringMatching(/^(Paris|Köln)$/), ...integerDays(given) });
        }
      }
      expect([...names].sort()).toEqual(["clock", "forecast"]);
      const tool_choice = { type: "function", function: { name: "clock" } };
      expect(await callsOf(client, { tool_choice })).toEqual([["clock", {}]]);
      const single = await callsOf(client, { tool_choice: "required", parallel_tool_calls: false });
      expect(single).toHaveLength(1);
    },
  );

  const integerDays = (given: object): object => {
    const { days } = given as { readonly days?: unknown };
    return days === undefined ? {} : { days: Number.isInteger(days) ? days : "an integer" };
  };

  it.each<[string, string, object]>([
    ["whose arguments are written one by one", "coder", {}],
    ["with a schema that is not supported", "hermes", { properties: { a: { pattern: "x" } } }],
  ])("are refused for a tool %s", async (_, family, parameters) => {
    const { client } = await serve(family, () => "Hello.");
    const tools = [{ type: "function" as const, function: { name: "f", parameters: { ...parameters } } }];
    const asked = client.chat.completions.create({ ...asking, tools, tool_choice: "required" });
    await expect(asked).rejects.toMatchObject({ status: 400, code: "invalid_schema" });
  });
});

describe("requests that are refused", () => {
  const nested = (levels: number): object =>
    levels === 0 ? {} : { type: "object", properties: { a: nested(levels - 1) } };
  const call = { id: "c1", type: "function", function: { name: "weather", arguments: "{}" } };
  const result = { role: "tool", tool_call_id: "c2", content: "dry" };
  const user = { role: "user", content: "Hi" };
  it.each<[string, object, number, string]>([
    ["10,000 tools", { tools: Array.from({ length: 10_000 }, () => time) }, 400, "tools"],
    ["two tools of one name", { tools: [weather, weather] }, 400, "tools"],
    ["a tool of another type", { tools: [{ type: "custom", custom: { name: "x" } }] }, 400, "tools[0].type"],
    [
      "a name with a space",
      { tools: [{ type: "function", function: { name: "a b" } }] },
      400,
      "tools[0].function.name",
    ],
    [
      "parameters that are a list",
      { tools: [{ ...weather, function: { name: "w", parameters: [] } }] },
      400,
      "tools[0].function.parameters",
    ],
    [
      "a schema nested without end",
      { tools: [{ ...weather, function: { name: "w", parameters: nested(600) } }] },
      400,
      "",
    ],
    ["a choice without tools", { tools: [], tool_choice: "required" }, 400, "tool_choice"],
    [
      "a choice of a tool that is not there",
      { tool_choice: { type: "function", function: { name: "x" } } },
      400,
      "tool_choice",
    ],
    [
      "a result without its call",
      { messages: [user, { role: "assistant", tool_calls: [call] }, result] },
      400,
      "messages[2].tool_call_id",
    ],
    [
      "arguments that are no text",
      {
        messages: [
          user,
          { role: "assistant", tool_calls: [{ ...call, function: { name: "w", arguments: {} } }] },
        ],
      },
      400,
      "messages[1].tool_calls[0].function.arguments",
    ],
    [
      "a schema for the answer beside tools",
      { response_format: { type: "json_object" } },
      400,
      "response_format",
    ],
  ])("%s", async (_, fields, status, param) => {
    const { url, client } = await serve("hermes", () => "Hello.");
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...asking, ...fields }),
    });
    const { error } = (await response.json()) as { error: { param: string | null } };
    expect([response.status, error.param ?? ""]).toEqual([status, param]);
    expect((await client.chat.completions.create(asking)).choices).toHaveLength(1);
  });

  it("a schema of 400 levels is answered or refused, and the next request is served", async () => {
    const { client } = await serve("hermes", () => "Hello.");
    const deep = { type: "function" as const, function: { name: "w", parameters: nested(400) as object } };
    const tools = [deep] as (typeof weather)[];
    const status = await client.chat.completions.create({ ...asking, tools }).then(
      () => 200,
      (error: InstanceType<typeof OpenAI.APIError>) => error.status,
    );
    expect([200, 400]).toContain(status);
    expect((await client.chat.completions.create(asking)).choices).toHaveLength(1);
  });

  it("tools for a model whose template has none", async () => {
    const { client } = await serve("plain", () => "Hello.");
    await expect(client.chat.completions.create(asking)).rejects.toMatchObject({
      status: 400,
      code: "unsupported_parameter",
    });
  });
});

describe("chat_template_kwargs", () => {
  const turn = "{% if brief %}(brief){% endif %}{{ m.content }}";
  const ask = async (variables: object) => {
    const { url, prompts } = await serveTurn(turn, () => "yes");
    const body = { messages: asking.messages, chat_template_kwargs: variables };
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { prompts, status: reply.status, body: await reply.text() };
  };

  it("reach the chat template", async () => {
    expect((await ask({ brief: true })).prompts[0]).toContain("(brief)Rain in Paris?");
    expect((await ask({ brief: false })).prompts[0]).not.toContain("(brief)");
  });

  it.each(["messages", "tools", "add_generation_prompt"])("%s is refused", async (name) => {
    const { status, body } = await ask({ [name]: [] });
    expect([status, JSON.parse(body).error]).toMatchObject([
      400,
      { param: "chat_template_kwargs", code: "invalid_value" },
    ]);
  });
});
