/** @file Tests an asker over a simulated network: waits, styles and malformed bodies. */

import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointAt, playedWorld, questionOf } from "../../../../test/support/ask-world.ts";
import { createAsker, isOtherModel } from "./asker.ts";
import { estimatePrompt, estimateTokens, maxPromptTokens } from "./count-tokens.ts";
import { addressOf, type Endpoint, placeOf, requestKey, vectorKey } from "./endpoint.ts";
import { Secret, shownText } from "./secret.ts";
import { backOffMs, requestedWaitMs } from "./send.ts";

const never = new AbortController().signal;
const question = questionOf("Hi", { seed: 1 });
const url = "https://api.example.com/v1";

function answer(text: string, more: object = {}): Response {
  return Response.json({
    model: "m-1",
    choices: [{ message: { content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } },
    ...more,
  });
}

function busy(headers: Record<string, string>): Response {
  return new Response("{}", { status: 429, headers });
}

describe("a pause", () => {
  test.each<[string, Record<string, string>, number | null]>([
    ["seconds", { "retry-after": "7" }, 7000],
    ["parts of a second", { "retry-after": "0.5" }, 500],
    ["milliseconds before seconds", { "retry-after-ms": "250", "retry-after": "9" }, 250],
    ["a date", { "retry-after": "Thu, 26 Nov 2026 00:00:20 GMT" }, 20_000],
    ["a date that is gone", { "retry-after": "Wed, 25 Nov 2026 00:00:00 GMT" }, 0],
    ["minus", { "retry-after": "-5" }, null],
    ["words", { "retry-after": "soon" }, null],
    ["infinity", { "retry-after": "1e999" }, null],
    ["nothing", {}, null],
  ])("is read from %s", (_, headers, expected) => {
    expect(requestedWaitMs(new Headers(headers), Date.UTC(2026, 10, 26))).toBe(expected);
  });

  test("of our own grows up to a bound, with chance", () => {
    const pauses = [1, 2, 3, 7, 12].map((tries) => backOffMs(tries, () => 0.999));
    expect(pauses.map(Math.round)).toEqual([500, 999, 1998, 29_970, 29_970]);
    expect(backOffMs(5, () => 0)).toBe(0);
  });

  test("is as long as asked for, and everybody's", async () => {
    const world = playedWorld([busy({ "retry-after": "9" }), answer("a"), answer("b")]);
    const asker = createAsker(endpointAt(url, { concurrency: 1 }), world);
    expect((await asker.complete(question, never)).text).toBe("a");
    // the back-off first, then the rest of the wait that the endpoint requested
    expect(world.pauses).toEqual([250, 8750]);
    expect((await asker.complete(question, never)).text).toBe("b");
  });

  test("beyond the bound is no pause", async () => {
    const world = playedWorld([busy({ "retry-after": "121" })]);
    const asking = createAsker(endpointAt(url), world).complete(question, never);
    await expect(asking).rejects.toThrow("status 429: {}; it requested a wait of 121 s");
  });

  test("is not made where the endpoint says so", async () => {
    const world = playedWorld([new Response("", { status: 500, headers: { "x-should-retry": "false" } })]);
    const asking = createAsker(endpointAt(url), world).complete(question, never);
    await expect(asking).rejects.toMatchObject({ code: "ASK_REFUSED", params: { reason: "status 500" } });
  });

  test("is a whole request's, too", async () => {
    const drip = (): Response => {
      const stream = new ReadableStream({
        pull: async (controller) => {
          await new Promise((next) => setImmediate(next));
          controller.enqueue(new TextEncoder().encode(": x\n"));
        },
      });
      return new Response(stream, { headers: { "content-type": "text/event-stream" } });
    };
    const world = playedWorld([drip()]);
    let reads = 0;
    const hasty = { ...world, now: () => world.now() + 1000 * reads++ };
    const asking = createAsker(endpointAt(url, { maxTries: 1, timeoutSeconds: 3 }), hasty).complete(
      question,
      never,
    );
    await expect(asking).rejects.toThrow("no end within 30 s");
  });
});

describe("styles", () => {
  const azure = "https://x.openai.azure.com";
  test.each<[Partial<Endpoint> & { url: string }, string]>([
    [{ url: "https://api.openai.com/v1/" }, "https://api.openai.com/v1/chat/completions"],
    [{ url: "https://api.openai.com" }, "https://api.openai.com/v1/chat/completions"],
    [{ url: "http://localhost:11434" }, "http://localhost:11434/v1/chat/completions"],
    [{ url: "https://g.example/api/v1/chat/completions" }, "https://g.example/api/v1/chat/completions"],
    [{ url: "https://api.anthropic.com", style: "anthropic" }, "https://api.anthropic.com/v1/messages"],
    [
      { url: "https://api.anthropic.com/v1/messages", style: "anthropic" },
      "https://api.anthropic.com/v1/messages",
    ],
    [
      { url: azure, style: "azure" },
      `${azure}/openai/deployments/m-1/chat/completions?api-version=2024-10-21`,
    ],
    [
      { url: `${azure}/openai/deployments/d?api-version=2025-01-01-preview`, style: "azure" },
      `${azure}/openai/deployments/d/chat/completions?api-version=2025-01-01-preview`,
    ],
    [{ url: `${azure}/openai/v1`, style: "azure" }, `${azure}/openai/v1/chat/completions`],
  ])("%o is asked at %s", (more, expected) => {
    expect(addressOf(endpointAt(more.url, more), "chat")).toBe(expected);
  });

  test("send the key in their own header", async () => {
    const key = new Secret("k-123456");
    const headers: (string | null)[] = [];
    for (const style of ["openai", "azure", "anthropic"] as const) {
      const world = playedWorld([answer("x", { content: [{ text: "x" }], stop_reason: "end_turn" })]);
      await createAsker(endpointAt(url, { style, key }), world).complete(question, never);
      const sent = world.requests[0]?.headers;
      headers.push(...["authorization", "api-key", "x-api-key"].map((name) => sent?.get(name) ?? null));
    }
    expect(headers.filter((one) => one !== null)).toEqual(["Bearer k-123456", "k-123456", "k-123456"]);
  });

  test("Anthropic's stream counts its prompt first and what came from a cache apart", async () => {
    const events = [
      {
        type: "message_start",
        message: {
          model: "claude-x-20260101",
          usage: { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 30 },
        },
      },
      { type: "content_block_start", content_block: { type: "text", text: "" } },
      { type: "ping" },
      { type: "content_block_delta", delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_delta", delta: { type: "text_delta", text: "Good " } },
      { type: "content_block_delta", delta: { type: "text_delta", text: "day" } },
      { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 15 } },
      { type: "message_stop" },
    ];
    const lines = events
      .map((event) => `event: ${event.type}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`)
      .join("");
    const stream = new Response(lines, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
    const world = playedWorld([stream]);
    const asker = createAsker(endpointAt(url, { style: "anthropic", model: "claude-x" }), world);
    const system = { role: "system", content: "Be short." } as const;
    const asked = questionOf("Hi", {
      messages: [system, ...question.messages],
      temperature: 1.5,
      seed: 3,
      stop: ["#"],
    });
    expect(await asker.complete(asked, never)).toMatchObject({
      text: "Good day",
      promptTokens: 40,
      cachedPromptTokens: 30,
      answerTokens: 15,
      usage: "reported",
      finish: "length",
      isOtherModel: false,
      leftOut: ["seed"],
    });
    expect(await world.requests[0]?.json()).toEqual({
      model: "claude-x",
      max_tokens: 8,
      system: "Be short.",
      messages: question.messages,
      temperature: 1,
      stop_sequences: ["#"],
      stream: true,
    });
  });

  test("a schema is asked for, and left out where it is not known", async () => {
    const refused = Response.json(
      {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "response_format"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
      { status: 422 },
    );
    const world = playedWorld([refused, answer("{}")]);
    const jsonSchema = { type: "object" };
    const answered = await createAsker(endpointAt(url), world).complete({ ...question, jsonSchema }, never);
    expect(answered).toMatchObject({ text: "{}", leftOut: ["response_format"], cachedPromptTokens: 4 });
    expect(await world.requests[0]?.json()).toMatchObject({
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", strict: true, schema: jsonSchema },
      },
    });
  });

  test("a stream under another name is one, and a list of parts is a text", async () => {
    const chunk = { choices: [{ delta: { content: "so" }, finish_reason: "length" }] };
    const lines = `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]`;
    const parts = answer("", {
      choices: [{ message: { content: [{ type: "text", text: "a" }, { text: "b" }] }, finish_reason: "odd" }],
    });
    const world = playedWorld([new Response(lines, { headers: { "content-type": "text/plain" } }), parts]);
    const asker = createAsker(endpointAt(url), world);
    expect(await asker.complete(question, never)).toMatchObject({
      text: "so",
      finish: "length",
      model: "m-1",
    });
    expect(await asker.complete(question, never)).toMatchObject({ text: "ab", finish: "other" });
  });
});

describe("vectors", () => {
  test("come in the order of their texts", async () => {
    const data = [
      { index: 1, embedding: [3, 4] },
      { index: 0, embedding: [1, 2] },
    ];
    const world = playedWorld([Response.json({ data, model: "m-1", usage: { prompt_tokens: 5 } })]);
    const { vectors, promptTokens, usage } = await createAsker(endpointAt(url), world).embed(
      ["a", "b"],
      never,
    );
    expect(vectors.map((one) => [...one])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([promptTokens, usage]).toEqual([5, "reported"]);
    expect(world.requests[0]?.url).toBe(`${url}/embeddings`);
  });

  test.each<[string, unknown]>([
    ["too few", [{ embedding: [1] }]],
    ["of two widths", [{ embedding: [1] }, { embedding: [1, 2] }]],
    ["of no numbers", [{ embedding: ["1"] }, { embedding: ["2"] }]],
    [
      "twice the same",
      [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [1] },
      ],
    ],
    ["empty", [{ embedding: [] }, { embedding: [] }]],
    ["no list", "x"],
  ])("are none: %s", async (_, data) => {
    const world = playedWorld([Response.json({ data })]);
    const asking = createAsker(endpointAt(url, { maxTries: 1 }), world).embed(["a", "b"], never);
    await expect(asking).rejects.toThrow("JSON without a vector of each text");
  });

  test("are not Anthropic's", async () => {
    const asking = createAsker(endpointAt(url, { style: "anthropic" }), playedWorld([])).embed(["a"], never);
    await expect(asking).rejects.toMatchObject({ code: "ASK_REFUSED" });
  });
});

describe("addresses and keys", () => {
  test.each([
    ["no address", "it is not a valid address"],
    ["ftp://x.example/v1", "neither http nor https"],
    ["file:///etc/passwd", "neither http nor https"],
    ["https://me:pass@x.example/v1", "contains credentials"],
  ])("%s is refused", (address, reason) => {
    const making = (): unknown => createAsker(endpointAt(address), playedWorld([]));
    expect(making).toThrow(reason);
    expect(making).toThrow(expect.objectContaining({ code: "ASK_ADDRESS_INVALID" }));
    expect(making).not.toThrow("pass@");
  });

  test("a key that no header carries is refused without being shown", () => {
    const making = (): unknown =>
      createAsker(endpointAt(url, { key: new Secret("sk-1234\n") }), playedWorld([]));
    expect(making).toThrow(expect.objectContaining({ code: "ASK_KEY_UNUSABLE" }));
    expect(making).not.toThrow("sk-1234");
  });

  test("a secret shows nothing, however it is printed", () => {
    const key = new Secret("sk-1234-abcdef+/");
    const shown = [`${key}`, JSON.stringify({ key }), inspect({ key }, { showHidden: true, depth: 9 })].join(
      " ",
    );
    expect(shown).not.toContain("1234");
    const said = `bad key sk-1234-abcdef+/ (${encodeURIComponent("sk-1234-abcdef+/")})\u001b[2J\nerror: none`;
    expect(shownText(said, key)).toBe("bad key *** (***) [2J error: none");
    expect(shownText("x".repeat(400), null)).toHaveLength(303);
  });

  test("an endpoint that says the key back is not shown doing so", async () => {
    const key = new Secret("sk-1234-abcdef");
    const echo = (request: Request): Response =>
      Response.json(
        { error: { message: `no such model for ${request.headers.get("authorization")}` } },
        { status: 404 },
      );
    const asking = createAsker(endpointAt(url, { key }), playedWorld([echo])).complete(question, never);
    await expect(asking).rejects.toThrow("no such model for Bearer ***");
  });

  test("what fetch says of headers is not shown", async () => {
    const wrong = new TypeError('Headers.append: "Bearer sk-1234" is an invalid header value.');
    const asking = createAsker(endpointAt(url, { maxTries: 1 }), playedWorld([wrong])).complete(
      question,
      never,
    );
    const error = await asking.catch((one: unknown) => one);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("sk-1234");
  });
});

describe("a request's key", () => {
  const endpoint = endpointAt(url);
  test("is the same for the same question, whatever does not decide the answer", () => {
    const key = requestKey(endpoint, question);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const same = {
      ...endpointAt(`${url}/?x=1`, { key: new Secret("other-key"), concurrency: 9, maxTries: 9 }),
    };
    expect(requestKey(same, question)).toBe(key);
    const turned = Object.fromEntries(Object.entries(question).reverse()) as typeof question;
    expect(requestKey(endpoint, { ...turned, jsonSchema: null })).toBe(key);
    const [a, b] = [
      { a: { b: 1, c: [1, 2] }, d: 2 },
      { d: 2, a: { c: [1, 2], b: 1 } },
    ];
    expect(requestKey(endpoint, { ...question, jsonSchema: a })).toBe(
      requestKey(endpoint, { ...question, jsonSchema: b }),
    );
  });

  test("is another one for all that decides it", () => {
    const changed = [
      ...[
        { maxTokens: 9 },
        { temperature: 1 },
        { temperature: null },
        { topP: 1 },
        { seed: 2 },
        { stop: ["a"] },
      ],
      ...[{ stop: ["a", "b"] }, { stop: ["ab"] }, { jsonSchema: {} }, { messages: [] }],
      { messages: [{ role: "system" as const, content: "Hi" }] },
    ].map((more) => requestKey(endpoint, { ...question, ...more }));
    const elsewhere = [
      ...[
        requestKey({ ...endpoint, model: "m-2" }, question),
        requestKey({ ...endpoint, style: "azure" }, question),
      ],
      ...[requestKey({ ...endpoint, url: "https://b.example/v1" }, question), vectorKey(endpoint, "Hi")],
    ];
    const all = [requestKey(endpoint, question), ...changed, ...elsewhere];
    expect(new Set(all).size).toBe(all.length);
  });
});

test.each([
  ["gpt-4o", "gpt-4o-2024-08-06", false],
  ["gpt-4o", "GPT-4o", false],
  ["openai/gpt-4o", "gpt-4o", false],
  ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929", false],
  ["llama3.2", "llama3.2:latest", false],
  ["/models/x.gguf", "x", false],
  ["gpt-4o", "gpt-4o-mini", true],
  ["gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06", true],
  ["a", "b", true],
])("%s answered by %s is another model: %s", (asked, answered, isOther) => {
  expect(isOtherModel(asked, answered)).toBe(isOther);
});

test("whatever bytes come as an answer, it is one or a problem of ours", async () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((text) => `data: ${text}\n\n`),
    fc.string().map((text) => `data: ${text}`),
  );
  const types = fc.constantFrom("application/json", "text/event-stream", "text/html");
  await fc.assert(
    fc.asyncProperty(bodies, types, fc.constantFrom("openai", "anthropic"), async (body, type, style) => {
      const world = playedWorld([new Response(body, { headers: { "content-type": type } })]);
      const asker = createAsker(endpointAt(url, { style: style as "openai", maxTries: 1 }), world);
      const outcome = await asker.complete(question, never).catch((error: unknown) => error);
      expect(outcome).toSatisfy(
        (one: { code?: string; text?: string }) => one.code !== undefined || one.text !== undefined,
      );
    }),
    { numRuns: 300 },
  );
});

test("a place is shown without what may be secret in it", () => {
  expect(placeOf("https://me:pass@x.example/v1/?key=abc#d")).toBe("https://x.example/v1");
  expect(placeOf("nothing")).toBe("the endpoint");
});

test.each([
  ["", 0],
  ["word word word word ", 5],
  ["2026", 3],
  ["Größe", 3],
  ["微调", 3],
  ["🙂", 2],
  ["\ud83d", 2],
])("%j has some %d tokens", (text, expected) => {
  expect(estimateTokens(text)).toBe(expected);
});

test("no guess is above the bound", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const asked = questionOf(text, { jsonSchema: { title: text } });
      expect(estimatePrompt(asked)).toBeLessThanOrEqual(maxPromptTokens(asked));
    }),
  );
});
