/**
 * @file For tests: a loopback endpoint for OpenAI's chat completions with configurable faults. It records what it would
 * have charged; a cap must hold against that bill.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Kinds of responses, most of them faults. */
export type Fault =
  | "fine"
  | "whole"
  | "no usage"
  | "lying usage"
  | "other model"
  | "busy"
  | "busy for long"
  | "down"
  | "no quota"
  | "gateway timeout"
  | "key refused"
  | "not found"
  | "half a stream"
  | "cut before its count"
  | "garbage in the stream"
  | "comments in the stream"
  | "error in the stream"
  | "no JSON"
  | "JSON of something else"
  | "half of the JSON"
  | "hang"
  | "hang in the middle"
  | "slow drip"
  | "endless"
  | "huge"
  | "reset"
  | "redirect elsewhere"
  | "redirect within";

/** A received request. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

/** A running endpoint. */
export interface FaultEndpoint {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Tokens read and written, even if the client did not receive them. */
  readonly bill: { promptTokens: number; answerTokens: number };
  /** Maximum number of concurrent requests. */
  readonly maxAtOnce: () => number;
  close(): Promise<void>;
}

/** Settings of the endpoint. */
export interface FaultOptions {
  /** The response to request number `at`, from 0; default: `fine`. */
  readonly fault?: (at: number, request: ReceivedRequest) => Fault;
  /** Tokens per answer, one word each. */
  readonly answerTokens?: number;
  /** Request keys that the endpoint refuses. */
  readonly refusedKeys?: readonly string[];
  /** Delay before an answer, in milliseconds. */
  readonly delayMs?: number;
  /** URL of another endpoint, for redirects. */
  readonly elsewhere?: string;
}

interface Turn {
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly words: readonly string[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
  readonly model: string;
  readonly elsewhere: string;
}

/** Starts the endpoint, which serves until `close`. */
export async function serveFaults(options: FaultOptions = {}): Promise<FaultEndpoint> {
  const { fault = () => "fine", answerTokens = 6, refusedKeys = [], delayMs = 0, elsewhere = "" } = options;
  const requests: ReceivedRequest[] = [];
  const bill = { promptTokens: 0, answerTokens: 0 };
  let [inside, most] = [0, 0];
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming, response) => {
    inside++;
    most = Math.max(most, inside);
    response.on("close", () => inside--);
    void (async () => {
      const body = await jsonOf(incoming);
      const request = { path: incoming.url ?? "", headers: incoming.headers, body };
      const at = requests.push(request) - 1;
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      const refused = refusedKeys.find((key) => body[key] !== undefined);
      if (refused !== undefined) return refuse(response, 400, refusalOf(refused));
      const limit = Number(body["max_tokens"] ?? body["max_completion_tokens"] ?? answerTokens);
      const words = Array.from({ length: Math.min(limit, answerTokens) }, (_, n) => `word${n} `);
      const usage = { prompt_tokens: promptTokensOf(body), completion_tokens: words.length };
      const chosen = fault(at, request);
      if (!unpaid.has(chosen)) {
        bill.promptTokens += usage.prompt_tokens;
        bill.answerTokens += usage.completion_tokens;
      }
      const model = chosen === "other model" ? "cheaper-mini" : String(body["model"]);
      await answer(chosen, { request, response, words, usage, model, elsewhere });
    })().catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    bill,
    maxAtOnce: () => most,
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
      }),
  };
}

/** Faults for which no model reads the request, so they are not billed. */
const unpaid: ReadonlySet<Fault> = new Set([
  ...(["busy", "busy for long", "down", "no quota", "key refused", "not found"] as const),
  ...(["redirect elsewhere", "redirect within"] as const),
]);

/** The maximum possible number of tokens: one per byte. */
function promptTokensOf({ messages }: Record<string, unknown>): number {
  const list = Array.isArray(messages) ? (messages as { content: string }[]) : [];
  return list.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

async function jsonOf(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as Record<string, unknown>;
}

function refuse(response: ServerResponse, status: number, error: object, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ error }));
}

function refusalOf(key: string): object {
  const instead = key === "max_tokens" ? " Use 'max_completion_tokens' instead." : "";
  const message = `Unsupported parameter: '${key}' is not supported with this model.${instead}`;
  return { message, type: "invalid_request_error", param: key, code: "unsupported_parameter" };
}

/** Refusals by status. */
const refusals: Partial<Record<Fault, readonly [status: number, error: object, headers?: object]>> = {
  busy: [429, { message: "Rate limit reached", code: "rate_limit_exceeded" }, { "retry-after": "0.01" }],
  "busy for long": [429, { message: "Come back tomorrow" }, { "retry-after": "86400" }],
  down: [500, { message: "The server had an error" }],
  "no quota": [429, { message: "You exceeded your current quota", code: "insufficient_quota" }],
  "gateway timeout": [504, { message: "upstream request timeout" }],
  "not found": [404, { message: "The model does not exist", code: "model_not_found" }],
};

async function answer(fault: Fault, turn: Turn): Promise<void> {
  const { response, request, words, model, usage } = turn;
  const refusal = refusals[fault];
  if (refusal) return refuse(response, ...(refusal as [number, object, object?]));
  switch (fault) {
    case "key refused":
      return refuse(response, 401, { message: `Incorrect API key: ${request.headers.authorization}` });
    case "reset":
      return void response.destroy();
    case "hang":
      return;
    case "redirect elsewhere":
      return void response.writeHead(307, { location: `${turn.elsewhere}/chat/completions` }).end();
    case "redirect within":
      return void response.writeHead(308, { location: "/v2/chat/completions" }).end();
    case "no JSON":
      return json(response, "<html><title>It works</title></html>");
    case "JSON of something else":
      return json(response, '{"ok":true,"choices":[]}');
    case "half of the JSON":
      return json(response, JSON.stringify(whole(turn)).slice(0, -20));
    case "huge":
      response.writeHead(200, { "content-type": "application/json", "content-length": "99999999999" });
      return void response.write("{");
    case "whole":
      return json(response, JSON.stringify(whole(turn)));
    default:
      if (request.body["stream"] !== true) return json(response, JSON.stringify(whole(turn, fault)));
      return stream(fault, response, words, model, usage);
  }
}

function json(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "application/json" }).end(text);
}

function whole({ words, usage, model }: Turn, fault: Fault = "fine"): object {
  const message = { role: "assistant", content: words.join("") };
  return {
    id: "x",
    object: "chat.completion",
    model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    ...(fault === "no usage" ? {} : { usage }),
  };
}

async function stream(
  fault: Fault,
  response: ServerResponse,
  words: readonly string[],
  model: string,
  usage: object,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ object: "chat.completion.chunk", model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const half = Math.ceil(words.length / 2);
  response.write(chunk({ role: "assistant", content: "" }, null));
  for (const [at, word] of words.entries()) {
    if (fault === "slow drip") await new Promise((done) => setTimeout(done, 30));
    if (fault === "comments in the stream") response.write(": STILL AT WORK\n\nevent: x\n");
    if (at === half && fault === "half a stream") {
      // lets the written data leave before the connection breaks
      return void setTimeout(() => response.destroy(), 10);
    }
    if (at === half && fault === "hang in the middle") return;
    if (at === half && fault === "garbage in the stream") response.write('data: {"choices":[{"del\n\n');
    if (at === half && fault === "error in the stream") {
      return void response.end(
        `data: ${JSON.stringify({ error: { message: "overloaded", code: 503 } })}\n\n`,
      );
    }
    response.write(chunk({ content: word }, null));
  }
  if (fault === "endless") {
    const line = chunk({ content: "x".repeat(500_000) }, null);
    const more = (): void => {
      while (!response.destroyed && response.write(line));
      if (!response.destroyed) response.once("drain", more);
    };
    return more();
  }
  response.write(chunk({}, "stop"));
  if (fault === "cut before its count") return void setTimeout(() => response.destroy(), 10);
  const counted = fault === "lying usage" ? { prompt_tokens: -3, completion_tokens: "many" } : usage;
  if (fault !== "no usage") response.write(`data: ${JSON.stringify({ choices: [], usage: counted })}\n\n`);
  response.end("data: [DONE]\n\n");
}
