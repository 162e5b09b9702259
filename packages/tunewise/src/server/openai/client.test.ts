/** Tests the server with OpenAI's own client. */
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import {
  type FakeSpeaker,
  type FakeSpeakerOptions,
  fakeSpeaker,
  messagesOf,
} from "../../../../../test/support/fake-speaker.ts";
import { problem } from "../../problem/index.ts";
import { type ModelServer, type ServeOptions, serveModel } from "./model-server.ts";

const open: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});

async function serve(
  fake: FakeSpeakerOptions = {},
  options: Partial<ServeOptions> = {},
): Promise<FakeSpeaker & { readonly client: OpenAI; readonly server: ModelServer }> {
  const made = fakeSpeaker(fake);
  const server = await serveModel(made.textModel, { host: "127.0.0.1", port: 0, apiKey: null, ...options });
  open.push(server);
  const client = new OpenAI({ baseURL: server.url, apiKey: options.apiKey ?? "unused", maxRetries: 0 });
  return { ...made, client, server };
}

const hello = { model: "run-1", messages: [{ role: "user", content: "Hi" }] } as const;
const chat = { ...hello, messages: [...hello.messages] };

describe("models", () => {
  it("are the run and its base", async () => {
    const { client } = await serve();
    const { data } = await client.models.list();
    expect(data.map(({ id, object, owned_by }) => [id, object, owned_by])).toEqual([
      ["run-1", "model", "tunewise"],
      ["ft:old:org::id", "model", "tunewise"],
      ["lab/base", "model", "tunewise"],
    ]);
    expect((await client.models.retrieve("lab/base")).id).toBe("lab/base");
    await expect(client.models.retrieve("gpt-5")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
  });

  it("are both answered by, also by what they are", async () => {
    const { client, asked } = await serve();
    for (const model of ["run-1", "lab/base", "tuned", "base"]) {
      const { model: name } = await client.chat.completions.create({ ...chat, model });
      expect(name).toBe(asked.at(-1)?.variant.name);
    }
    expect(asked.map(({ variant }) => variant.kind)).toEqual(["tuned", "base", "tuned", "base"]);
  });

  it("are selected by alias, which the answer repeats", async () => {
    const { client, asked } = await serve();
    const answer = await client.chat.completions.create({ ...chat, model: "ft:old:org::id" });
    expect([answer.model, asked[0]?.variant.name]).toEqual(["ft:old:org::id", "run-1"]);
    expect((await client.models.retrieve("ft:old:org::id")).id).toBe("ft:old:org::id");
  });
});

describe("chat completions", () => {
  it("come whole", async () => {
    const { client } = await serve();
    const { id, created, ...rest } = await client.chat.completions.create(chat);
    expect(id).toMatch(/^chatcmpl-[0-9a-f-]{36}$/);
    expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
    expect(rest).toEqual({
      object: "chat.completion",
      model: "run-1",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hello wide world!", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 7,
        completion_tokens: 4,
        total_tokens: 11,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    });
  });

  it("come as a stream, with counts where they are asked for", async () => {
    const { client } = await serve();
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        ...chat,
        stream: true,
        stream_options: { include_usage },
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
      const pieces = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
      expect(pieces.filter((piece) => piece !== "")).toEqual(["Hello", " wide", " world", "!"]);
      expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(["stop"]);
      const { choices, usage } = chunks.at(-1) ?? {};
      if (include_usage) expect([choices, usage?.total_tokens]).toEqual([[], 11]);
      else expect(usage).toBeUndefined();
    }
  });

  it("reach the model as they were asked for", async () => {
    const { client, asked } = await serve();
    await client.chat.completions.create({
      model: "lab/base",
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What" },
            { type: "text", text: " is it?" },
          ],
        },
        { role: "assistant", content: "It." },
        { role: "user", content: "Why?" },
      ],
      temperature: 1.5,
      top_p: 0.9,
      seed: 5,
      stop: ["\n", "END"],
      max_completion_tokens: 3,
    });
    const [question] = asked;
    expect(question && messagesOf(question)).toEqual([
      "system: Be brief.",
      "user: What is it?",
      "assistant: It.",
      "user: Why?",
    ]);
    expect(question).toMatchObject({
      temperature: 1.5,
      topP: 0.9,
      seed: 5,
      stop: ["\n", "END"],
      maxTokens: 3,
    });
  });

  it("are decoded as the recipe judges where nothing is said, each with a seed of its own", async () => {
    const { client, asked } = await serve();
    await client.chat.completions.create(chat);
    await client.chat.completions.create({ ...chat, stop: "x" });
    expect(asked[0]).toMatchObject({ temperature: 0.25, topP: 0.5, maxTokens: 1024, stop: [] });
    expect(asked[1]).toMatchObject({ stop: ["x"] });
    expect(asked[0]?.seed).not.toBe(asked[1]?.seed);
    expect(asked[0]?.alternatives).toBeUndefined();
  });

  it("are restricted to JSON and to a schema where that is asked for", async () => {
    const { client, asked } = await serve();
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
    const json_schema = { name: "answer", strict: true, schema };
    await client.chat.completions.create({ ...chat, response_format: { type: "json_schema", json_schema } });
    await client.chat.completions.create({ ...chat, response_format: { type: "json_object" } });
    await client.chat.completions.create({ ...chat, response_format: { type: "text" } });
    expect(asked.map(({ json }) => json)).toEqual([{ schema }, { schema: null }, undefined]);
    const failure = problem("SCHEMA_UNSUPPORTED", {
      place: "#/pattern",
      found: "is not a supported keyword",
    });
    const refusing = await serve({ failure });
    await expect(refusing.client.chat.completions.create(chat)).rejects.toMatchObject({
      status: 400,
      code: "invalid_schema",
    });
    const legacy = { model: "run-1", prompt: "x", response_format: { type: "json_object" } };
    await expect(client.completions.create(legacy)).rejects.toMatchObject({ code: "unsupported_parameter" });
  });

  it("say when they were cut", async () => {
    const { client } = await serve();
    const { choices, usage } = await client.chat.completions.create({ ...chat, max_tokens: 2 });
    expect(choices[0]).toMatchObject({ message: { content: "Hello wide" }, finish_reason: "length" });
    expect(usage?.completion_tokens).toBe(2);
  });

  it("come with log probabilities where they are asked for", async () => {
    const { client, asked } = await serve({ words: ["é"] });
    const token = { token: "é", logprob: -0.5, bytes: [195, 169] };
    const broken = { token: "\ufffd", logprob: -2, bytes: null };
    const { choices } = await client.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
    expect(choices[0]?.logprobs?.content).toEqual([{ ...token, top_logprobs: [token, broken] }]);
    const stream = await client.chat.completions.create({ ...chat, logprobs: true, stream: true });
    const found = [];
    for await (const chunk of stream) found.push(...(chunk.choices[0]?.logprobs?.content ?? []));
    expect(found).toEqual([{ ...token, top_logprobs: [] }]);
    expect(asked.map(({ alternatives }) => alternatives)).toEqual([2, 0]);
  });
});

describe("completions", () => {
  it("come whole and as a stream, of text or tokens", async () => {
    const { client, asked } = await serve();
    const whole = await client.completions.create({ model: "run-1", prompt: "Once", logprobs: 1 });
    expect(whole).toMatchObject({
      object: "text_completion",
      choices: [{ text: "Hello wide world!", finish_reason: "stop" }],
      usage: { total_tokens: 11 },
    });
    expect(whole.choices[0]?.logprobs).toEqual({
      tokens: ["Hello", " wide", " world", "!"],
      token_logprobs: [-0.5, -0.5, -0.5, -0.5],
      top_logprobs: [{ Hello: -0.5 }, { " wide": -0.5 }, { " world": -0.5 }, { "!": -0.5 }],
      text_offset: [0, 5, 10, 16],
    });
    const stream = await client.completions.create({
      model: "run-1",
      prompt: [5, 6],
      stream: true,
      max_tokens: 2,
    });
    const texts: string[] = [];
    let finish: string | null = null;
    for await (const { choices } of stream) {
      texts.push(choices[0]?.text ?? "");
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect([texts, finish]).toEqual([["Hello", " wide", ""], "length"]);
    expect(asked.map(({ prompt }) => prompt)).toEqual([
      { kind: "text", text: "Once" },
      { kind: "tokens", ids: [5, 6] },
    ]);
    expect(asked[0]?.maxTokens).toBe(16);
  });
});

describe("errors", () => {
  it("have OpenAI's shape", async () => {
    const { client } = await serve();
    const unknown = client.chat.completions.create({ ...chat, model: "gpt-5" });
    await expect(unknown).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(unknown).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      param: "model",
      type: "invalid_request_error",
    });
    await expect(unknown).rejects.toThrow("there is 'run-1', 'ft:old:org::id', 'lab/base'");
    const two = client.chat.completions.create({ ...chat, n: 2 });
    await expect(two).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(two).rejects.toMatchObject({ code: "unsupported_parameter", param: "n" });
  });

  it("of the model tell what the client can do about them, and nothing else", async () => {
    const { client } = await serve();
    const long = { ...chat, messages: [{ role: "user" as const, content: "x".repeat(2000) }] };
    for (const stream of [true, false]) {
      await expect(client.chat.completions.create({ ...long, stream })).rejects.toMatchObject({
        status: 400,
        code: "context_length_exceeded",
      });
    }
    const failures: unknown[] = [];
    const secret = problem("ENGINE_RUNTIME_FAILED", { detail: "in a folder nobody should know" });
    const broken = await serve({ failure: secret }, { onRequest: ({ failure }) => failures.push(failure) });
    const asking = broken.client.chat.completions.create(chat);
    await expect(asking).rejects.toMatchObject({ status: 500, type: "server_error" });
    await expect(asking).rejects.not.toThrow("folder");
    expect(failures).toEqual([secret]);
  });

  it("429 comes at once where too many wait", async () => {
    const { client, ends } = await serve({ maxWaiting: 1, pace: 20 });
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => client.chat.completions.create(chat)));
    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(2);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(OpenAI.RateLimitError);
      expect([reason.code, reason.headers.get("retry-after")]).toEqual(["queue_full", "1"]);
    }
    expect(ends).toEqual(["stop", "stop"]);
  });
});

describe("a key", () => {
  it("lets in those who have it", async () => {
    const { client, server } = await serve({}, { apiKey: "the-key" });
    expect((await client.chat.completions.create(chat)).choices).toHaveLength(1);
    for (const apiKey of ["the-kez", "the-key2", "x"]) {
      const stranger = new OpenAI({ baseURL: server.url, apiKey, maxRetries: 0 });
      const asking = stranger.chat.completions.create(chat);
      await expect(asking).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
      await expect(asking).rejects.not.toThrow(apiKey);
    }
    expect((await fetch(server.url.replace("/v1", "/health"))).status).toBe(200);
    expect((await fetch(`${server.url}/models`)).status).toBe(401);
  });

  it("is needed on an address that others reach", async () => {
    const { textModel } = fakeSpeaker();
    const serving = serveModel(textModel, { host: "0.0.0.0", port: 0, apiKey: null });
    await expect(serving).rejects.toMatchObject({ code: "SERVER_KEY_MISSING" });
    const { server } = await serve({}, { host: "0.0.0.0", apiKey: "k" });
    expect(server.isOpen).toBe(true);
  });
});

describe("a client that leaves", () => {
  it("ends its answer, streamed or not, and the next one is served", async () => {
    const { client, ends } = await serve({ words: Array.from({ length: 500 }, () => "word "), pace: 2 });
    const stream = await client.chat.completions.create({ ...chat, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    const controller = new AbortController();
    const asking = client.chat.completions.create(chat, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(asking).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    const { usage } = await client.chat.completions.create({ ...chat, max_tokens: 1 });
    expect(usage?.completion_tokens).toBe(1);
    expect(ends).toEqual(["interrupted", "interrupted", "length"]);
  });

  it("leaves the line, too", async () => {
    const { client, textModel, ends } = await serve({
      words: Array.from({ length: 30 }, () => "word "),
      pace: 5,
    });
    const first = client.chat.completions.create(chat);
    const signal = AbortSignal.timeout(40);
    await expect(client.chat.completions.create(chat, { signal })).rejects.toBeInstanceOf(
      OpenAI.APIUserAbortError,
    );
    await first;
    expect([textModel.waiting, ends]).toEqual([0, ["stop"]]);
  });
});
