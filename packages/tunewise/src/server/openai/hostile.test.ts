/** Tests misbehaving clients: the server stays up and serves the next client. */
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  type FakeSpeaker,
  type FakeSpeakerOptions,
  fakeSpeaker,
} from "../../../../../test/support/fake-speaker.ts";
import { type HandledRequest, type ModelServer, type ServeOptions, serveModel } from "./model-server.ts";

const open: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});

interface Served extends FakeSpeaker {
  readonly server: ModelServer;
  readonly handled: HandledRequest[];
}

async function serve(fake: FakeSpeakerOptions = {}, options: Partial<ServeOptions> = {}): Promise<Served> {
  const made = fakeSpeaker(fake);
  const handled: HandledRequest[] = [];
  const server = await serveModel(made.textModel, {
    host: "127.0.0.1",
    port: 0,
    apiKey: null,
    onRequest: (request) => handled.push(request),
    ...options,
  });
  open.push(server);
  return { ...made, server, handled };
}

const question = { model: "run-1", messages: [{ role: "user", content: "Hi" }] };

async function post(
  { server }: Served,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = "/chat/completions",
): Promise<{ status: number; error: { message: string; code: string; param: string; type: string } }> {
  const given = { "content-type": "application/json", ...headers };
  const response = await fetch(server.url + path, { method: "POST", body, headers: given });
  return { status: response.status, ...((await response.json()) as { error: never }) };
}

/** Writes raw texts to a socket, and returns everything received until it closes. */
function raw({ server }: Served, ...texts: readonly string[]): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(server.port, "127.0.0.1");
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => done(answer));
    for (const text of texts) socket.write(text);
  });
}

async function stillServes(served: Served): Promise<void> {
  expect((await post(served, JSON.stringify(question))).status).toBe(200);
}

const pause = (milliseconds: number): Promise<void> => new Promise((next) => setTimeout(next, milliseconds));

describe("bodies", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string]>([
    ["that are no JSON", "{ model: 1 }", {}, 400, "invalid_json"],
    ["that end early", '{"model": "run-1"', {}, 400, "invalid_json"],
    ["of nothing", "", {}, 400, "invalid_json"],
    ["that are a list", "[]", {}, 400, "invalid_json"],
    ["that are null", "null", {}, 400, "invalid_json"],
    ["nested without end", deep, {}, 400, "invalid_json"],
    ["that are no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), {}, 400, "invalid_json"],
    [
      "of a page's form",
      "a=b",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_content_type",
    ],
    ["of plain text", "{}", { "content-type": "text/plain" }, 415, "unsupported_content_type"],
    ["that are compressed", "{}", { "content-encoding": "gzip" }, 415, "unsupported_content_encoding"],
    ["with keys of Object", '{"__proto__": {"n": 2}, "constructor": 1}', {}, 400, "invalid_value"],
  ])("%s", async (_, body, headers, status, code) => {
    const served = await serve();
    const answer = await post(served, body, headers);
    expect([answer.status, answer.error.code, answer.error.type]).toEqual([
      status,
      code,
      "invalid_request_error",
    ]);
    await stillServes(served);
  });

  it("beyond the limit are refused, and the refusal arrives", async () => {
    const served = await serve();
    const huge = JSON.stringify({ ...question, pad: "x".repeat(8 << 20) });
    const declared = await post(served, huge);
    expect([declared.status, declared.error.code]).toEqual([413, "body_too_large"]);
    const chunked = await new Promise<number | undefined>((done, failed) => {
      const headers = { "content-type": "application/json" };
      const path = "/v1/chat/completions";
      const sending = httpRequest({ port: served.server.port, method: "POST", path, headers }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      sending.on("error", failed);
      for (let part = 0; part < 64; part++) sending.write("x".repeat(1 << 16));
      sending.end();
    });
    expect(chunked).toBe(413);
    expect(served.asked).toHaveLength(0);
    await stillServes(served);
  });

  it("that come too slowly end", async () => {
    const limits = { requestSeconds: 0.2 };
    const served = await serve({}, { limits });
    const head =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const [body, headers, silence] = await Promise.all([
      raw(served, `${head}Content-Length: 100\r\n\r\n`, '{"mo'),
      raw(served, head),
      raw(served, "P"),
    ]);
    for (const answer of [body, headers, silence])
      expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"too_slow"/);
    await stillServes(served);
  });

  it("that never come whole end with their client", async () => {
    const served = await serve();
    const socket = connect(served.server.port, "127.0.0.1");
    const head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    socket.write(`${head}Content-Length: 100\r\n\r\n{"prompt"`, () => socket.destroy());
    while (served.handled.length === 0) await pause(5);
    expect(served.handled[0]).toMatchObject({ status: 499, failure: null });
    await stillServes(served);
  });
});

describe("requests", () => {
  it.each<[string, string, string, number, string | null]>([
    ["GET", "/", "localhost", 404, "unknown_url"],
    ["GET", "/v1/../health", "localhost", 404, "unknown_url"],
    ["GET", "/v1/chat/completions", "localhost", 405, "method_not_allowed"],
    ["DELETE", "/v1/models/run-1", "localhost", 405, "method_not_allowed"],
    ["OPTIONS", "/v1/chat/completions", "localhost", 405, "method_not_allowed"],
    ["GET", "/v1/models/%E0%A4%A", "localhost", 404, "unknown_url"],
    ["GET", "http://elsewhere/v1/models", "localhost", 404, "unknown_url"],
    ["GET", "/v1/models", "attacker.example", 403, "host_not_allowed"],
    ["GET", "/v1/models", "127.0.0.1.attacker.example:80", 403, "host_not_allowed"],
    ["GET", "/v1/models", "[::1]:80", 200, null],
    ["GET", "/v1/models?x=y", "LOCALHOST:1234", 200, null],
    ["GET", "/health", "attacker.example", 200, null],
  ])("%s %s of %s", async (method, path, host, status, code) => {
    const served = await serve();
    const answer = await raw(
      served,
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status).replace(/[^0-9]/g, "")} `));
    expect(answer).not.toMatch(/^access-control/im);
    if (code !== null) expect(answer).toContain(`"code":"${code}"`);
  });

  it("that are none", async () => {
    const served = await serve();
    expect(await raw(served, "hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [\s\S]*"bad_request"/);
    const long = `GET / HTTP/1.1\r\nX: ${"x".repeat(70_000)}\r\n\r\n`;
    expect(await raw(served, long)).toMatch(/^HTTP\/1\.1 431 [\s\S]*"headers_too_large"/);
    await stillServes(served);
  });

  it.each<[string, object, string]>([
    ["no messages", { messages: [] }, "messages"],
    ["a role nobody has", { messages: [{ role: "narrator", content: "x" }] }, "messages[0].role"],
    [
      "a picture",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      "messages[0].content",
    ],
    ["a temperature of text", { temperature: "hot" }, "temperature"],
    ["a temperature too high", { temperature: 2.5 }, "temperature"],
    ["no token at all", { max_tokens: 0 }, "max_tokens"],
    ["half a token", { max_completion_tokens: 1.5 }, "max_completion_tokens"],
    ["five stops", { stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["a stop of nothing", { stop: "" }, "stop"],
    ["alternatives without log probabilities", { top_logprobs: 2 }, "top_logprobs"],
    ["tools without a function", { tools: [{ type: "function" }] }, "tools[0].function"],
    ["a schema without one", { response_format: { type: "json_schema" } }, "response_format.json_schema"],
    ["a format of answers", { response_format: { type: "xml" } }, "response_format.type"],
    ["a penalty", { presence_penalty: 0.5 }, "presence_penalty"],
    ["two answers", { n: 2 }, "n"],
    ["a stream of text", { stream: "yes" }, "stream"],
  ])("for %s name the key", async (_, change, param) => {
    const answer = await post(await serve(), JSON.stringify({ ...question, ...change }));
    expect([answer.status, answer.error.param]).toEqual([400, param]);
    expect(answer.error.message).toContain(param);
  });

  it("may say what they do without, and what nobody here knows", async () => {
    const harmless = {
      n: 1,
      tools: [],
      tool_choice: "none",
      presence_penalty: 0,
      logit_bias: {},
      user: "me",
      response_format: { type: "text" },
      store: true,
      metadata: { a: "b" },
      stop: null,
      seed: null,
      parallel_tool_calls: false,
      frequency_penalty: null,
      logprobs: false,
      stream: false,
    };
    expect((await post(await serve(), JSON.stringify({ ...question, ...harmless }))).status).toBe(200);
  });

  it.each<[string, object]>([
    ["no prompt", { prompt: null }],
    ["two prompts", { prompt: ["a", "b"] }],
    ["a token below zero", { prompt: [-1] }],
    ["an echo", { prompt: "a", echo: true }],
    ["the best of many", { prompt: "a", best_of: 3 }],
  ])("of a completion for %s are refused", async (_, change) => {
    const answer = await post(
      await serve(),
      JSON.stringify({ model: "run-1", ...change }),
      {},
      "/completions",
    );
    expect(answer.status).toBe(400);
    expect(answer.error.param).toMatch(/^(prompt(\[0\])?|echo|best_of)$/);
  });
});

describe("a crowd", () => {
  it("is served one by one, or told to come again", async () => {
    const served = await serve({ maxWaiting: 32 });
    const body = JSON.stringify(question);
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await post(served, body)).status),
    );
    const count = (status: number): number => statuses.filter((one) => one === status).length;
    expect(count(200) + count(429)).toBe(100);
    expect(count(200)).toBeGreaterThanOrEqual(33);
    expect(served.maxAtOnce()).toBe(1);
    expect(served.textModel.waiting).toBe(0);
    await stillServes(served);
  });

  it("of more connections than there may be waits outside", async () => {
    const served = await serve({}, { limits: { connections: 2 } });
    const sockets = [1, 2, 3].map(() => connect(served.server.port, "127.0.0.1"));
    const [first, second, third] = sockets;
    await new Promise((closed) => third?.on("close", closed));
    expect([first?.destroyed, second?.destroyed]).toEqual([false, false]);
    for (const socket of sockets) socket.destroy();
    await pause(20);
    await stillServes(served);
  });
});

describe("a stream", () => {
  const streaming = JSON.stringify({ ...question, stream: true, max_tokens: 100_000 });
  const line = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const head = `${line}Content-Length: ${streaming.length}\r\n\r\n`;

  it("whose client vanishes in the middle ends", async () => {
    const served = await serve({ words: Array.from({ length: 1000 }, () => "word "), pace: 2 });
    const socket = connect(served.server.port, "127.0.0.1");
    socket.on("data", (chunk) => {
      if (chunk.includes("word")) socket.resetAndDestroy();
    });
    socket.on("error", () => undefined);
    socket.write(head + streaming);
    while (served.handled.length === 0) await pause(5);
    expect(served.ends).toEqual(["interrupted"]);
    expect(served.handled[0]).toMatchObject({ status: 499, failure: null });
  });

  it("that nobody reads is dropped before it fills the memory", async () => {
    const served = await serve({ words: Array.from({ length: 2000 }, () => "x".repeat(20_000)) });
    const socket = connect(served.server.port, "127.0.0.1");
    socket.pause();
    socket.on("error", () => undefined);
    socket.write(head + streaming);
    while (served.handled.length === 0) await pause(5);
    expect(served.ends).toEqual(["interrupted"]);
    socket.destroy();
    await stillServes(served);
  });
});

describe("closing", () => {
  const words = Array.from({ length: 20 }, () => "word ");
  const slow = { words, pace: 5 };

  it("lets the answer at work end, tells the others, and refuses who comes later", async () => {
    const served = await serve(slow);
    const body = JSON.stringify(question);
    const first = post(served, body);
    while (served.maxAtOnce() === 0) await pause(1);
    const second = post(served, body);
    while (served.textModel.waiting === 0) await pause(1);
    const closed = served.server.close(10);
    expect(await second).toMatchObject({
      status: 503,
      error: { code: "shutting_down", type: "server_error" },
    });
    expect((await first).status).toBe(200);
    await closed;
    await expect(post(served, body)).rejects.toThrow();
    expect(served.ends).toEqual(["stop"]);
  });

  it.each([false, true])(
    "ends the answer at work when its time is up and says why; streamed: %s",
    async (stream) => {
      const served = await serve({ words: Array.from({ length: 2000 }, () => "word "), pace: 2 });
      const asking = fetch(`${served.server.url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...question, stream, max_tokens: 2000 }),
      });
      while (served.maxAtOnce() === 0) await pause(1);
      const closed = served.server.close(0.03);
      const text = await (await asking).text();
      await closed;
      expect(text).toContain('"code":"shutting_down"');
      expect(text).not.toContain("[DONE]");
      expect(served.ends).toEqual(["interrupted"]);
    },
  );

  it("does not wait for a client that asks too slowly", async () => {
    const served = await serve();
    const head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const lazy = raw(served, `${head}Content-Length: 9\r\n\r\n{`);
    await pause(20);
    await served.server.close(0);
    await lazy;
  });

  it("does not wait for connections that ask nothing", async () => {
    const served = await serve();
    const idle = connect(served.server.port, "127.0.0.1");
    await new Promise((connected) => idle.on("connect", connected));
    const closed = new Promise((end) => idle.on("close", end));
    await served.server.close(60);
    await closed;
  });
});

it("an address that is taken, or is none, is a problem with words", async () => {
  const served = await serve();
  const { port } = served.server;
  const { textModel } = served;
  const taken = serveModel(textModel, { host: "127.0.0.1", port, apiKey: null });
  await expect(taken).rejects.toMatchObject({
    code: "SERVER_ADDRESS_UNAVAILABLE",
    params: { host: "127.0.0.1", port, reason: "EADDRINUSE" },
  });
  const strange = serveModel(textModel, { host: "192.0.2.1", port: 0, apiKey: "k" });
  await expect(strange).rejects.toMatchObject({ code: "SERVER_ADDRESS_UNAVAILABLE" });
});
