/** @file From a request to its response: who may come in, which route, what is asked, the answer. */
import { randomInt, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TextModel } from "../app/inference/index.ts";
import type { Door } from "./admit.ts";
import { deliver, sendJson } from "./answer.ts";
import { clientLeft } from "./listen.ts";
import { chatFormat, completionFormat, type MakeFormat, type TokenCounts } from "./openai/format.ts";
import { type Asked, readChat, readCompletion, unknownModel } from "./openai/question.ts";
import { goingDown, isRefusal, type Refusal, refusal, refusalBody, refusalOf } from "./refusal.ts";

/** A request that is over. */
export interface HandledRequest {
  readonly method: string;
  /** As the client sent it: not to be trusted. */
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
  readonly counts: TokenCounts | null;
  /** What failed here, and not with the client. */
  readonly failure: unknown;
}

/** An answer that somebody waits for. */
export interface Waiting {
  /** Whether its turn has come. */
  begun: boolean;
  readonly abort: (reason: unknown) => void;
}

/** What all requests share. */
export interface Desk {
  readonly textModel: TextModel;
  readonly door: Door;
  readonly maxBodyBytes: number;
  /** Seconds since 1970. */
  readonly since: number;
  readonly waiting: Set<Waiting>;
  readonly isClosing: () => boolean;
}

/** Handles a request to its end and never throws; gives what there is to say about it. */
export async function handle(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<HandledRequest> {
  const start = performance.now();
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  let counts: TokenCounts | null = null;
  let failure: unknown = null;
  try {
    const done = await route(desk, path, request, response);
    if (isRefusal(done)) refuse(response, done);
    else counts = done;
  } catch (error) {
    const reason = isRefusal(error) ? error : refusalOf(error);
    if (reason.status === 500 && !response.destroyed) failure = error;
    refuse(response, reason);
  }
  await sent(response);
  const status = response.writableFinished ? response.statusCode : clientLeft;
  const seconds = (performance.now() - start) / 1000;
  return { method: request.method ?? "", path, status, seconds, counts, failure };
}

/** Waits until the system has the whole response, or nobody to give it to. */
async function sent(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await new Promise<void>((done) => {
    response.once("finish", done);
    response.once("close", done);
  });
}

function refuse(response: ServerResponse, reason: Refusal): void {
  sendJson(response, reason.status, refusalBody(reason), reason.headers);
}

type Outcome = Promise<TokenCounts | Refusal | null> | TokenCounts | Refusal | null;

function route(desk: Desk, path: string, request: IncomingMessage, response: ServerResponse): Outcome {
  const method = request.method ?? "";
  if (path === "/health") return only("GET", method) ?? health(desk, response);
  const closed = desk.door(request);
  if (closed) return closed;
  if (path === "/v1/models") return only("GET", method) ?? listModels(desk, response);
  if (path.startsWith("/v1/models/")) return only("GET", method) ?? showModel(desk, path, response);
  const kind = answers.get(path);
  if (!kind) return refusal(404, "unknown_url", `There is no ${method} ${path.slice(0, 200)} here.`);
  return only("POST", method) ?? answer(desk, kind, request, response);
}

function only(allowed: string, method: string): Refusal | null {
  if (method === allowed) return null;
  return refusal(405, "method_not_allowed", `Only ${allowed} is allowed here.`, {
    headers: { allow: allowed },
  });
}

function health({ textModel, isClosing }: Desk, response: ServerResponse): null {
  const status = isClosing() ? "closing" : "ok";
  sendJson(response, isClosing() ? 503 : 200, { status, waiting: textModel.waiting });
  return null;
}

function listModels({ textModel, since }: Desk, response: ServerResponse): null {
  sendJson(response, 200, {
    object: "list",
    data: textModel.variants.map(({ name }) => modelObject(name, since)),
  });
  return null;
}

function showModel({ textModel, since }: Desk, path: string, response: ServerResponse): Refusal | null {
  const name = decoded(path.slice("/v1/models/".length));
  if (!textModel.variants.some((variant) => variant.name === name)) return unknownModel(textModel, name);
  sendJson(response, 200, modelObject(name, since));
  return null;
}

function modelObject(id: string, created: number): object {
  return { id, object: "model", created, owned_by: "tunewise" };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A route that answers: how its body is read, what its answers look like. */
interface AnswerKind {
  readonly idPrefix: string;
  readonly read: (body: unknown, textModel: TextModel, seed: number) => Asked | Refusal;
  readonly format: MakeFormat;
}

const answers: ReadonlyMap<string, AnswerKind> = new Map([
  ["/v1/chat/completions", { idPrefix: "chatcmpl", read: readChat, format: chatFormat }],
  ["/v1/completions", { idPrefix: "cmpl", read: readCompletion, format: completionFormat }],
]);

/** Seeds of requests that bring none. */
const seedsBelow = 2 ** 32;

async function answer(
  { textModel, maxBodyBytes, waiting, isClosing }: Desk,
  { idPrefix, read, format }: AnswerKind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<TokenCounts | Refusal> {
  const received = await readJsonBody(request, maxBodyBytes);
  if (isRefusal(received)) return received;
  const asked = read(received.body, textModel, randomInt(seedsBelow));
  if (isRefusal(asked)) return asked;
  if (isClosing()) return goingDown;
  const { question, stream, streamUsage } = asked;
  const controller = new AbortController();
  const mine: Waiting = { begun: false, abort: (reason) => controller.abort(reason) };
  const leave = (): void => controller.abort();
  response.once("close", leave);
  waiting.add(mine);
  try {
    return await deliver(textModel.answer({ ...question, signal: controller.signal }), {
      response,
      format: format({
        id: `${idPrefix}-${randomUUID()}`,
        created: Math.floor(Date.now() / 1000),
        model: question.variant.name,
        withLogprobs: question.alternatives !== undefined,
      }),
      stream,
      streamUsage,
      onBegin: () => {
        mine.begun = true;
      },
      abort: () => response.destroy(),
    });
  } finally {
    waiting.delete(mine);
    response.off("close", leave);
  }
}

/** Reads a body to its end, or refuses it as soon as it is known to be no use. */
async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly body: unknown } | Refusal> {
  const { headers } = request;
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    return refusal(415, "unsupported_content_type", "The body must be JSON: Content-Type: application/json.");
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return refusal(415, "unsupported_content_encoding", "The body must not be compressed.");
  }
  const bytes = await readBytes(request, maxBytes);
  return bytes instanceof Uint8Array ? parse(bytes) : bytes;
}

/** What comes after a refusal is read and thrown away, so that the client gets to read the refusal. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | Refusal> {
  const tooLarge = refusal(413, "body_too_large", `The body has more than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(tooLarge);
  const chunks: Uint8Array[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(tooLarge);
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve(refusal(400, "body_incomplete", "The body did not arrive whole.")));
  });
}

function parse(bytes: Uint8Array): { readonly body: unknown } | Refusal {
  try {
    return { body: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return refusal(400, "invalid_json", `The body is not JSON: ${reason.slice(0, 200)}.`);
  }
}
