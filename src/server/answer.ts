/**
 * @file One answer to one client: whole, or as a stream of server-sent events.
 *
 * @source WHATWG HTML, section 9.2 (server-sent events); the end mark `[DONE]` is OpenAI's
 */
import type { ServerResponse } from "node:http";
import type { AnswerEnd, AnswerEvent, GeneratedToken } from "../app/inference/index.ts";
import type { AnswerFormat, TokenCounts } from "./openai/format.ts";
import { goingDown, refusalBody, refusalOf } from "./refusal.ts";

/** A client that has not read so many bytes is not read to any more. */
const MAX_UNREAD_BYTES = 1 << 20;

/** How a client wants its answer. */
interface Delivery {
  readonly response: ServerResponse;
  readonly format: AnswerFormat;
  readonly stream: boolean;
  readonly streamUsage: boolean;
  /** Called once the answer has begun: from then on it is at work, and not waiting. */
  readonly onBegin: () => void;
  /** Ends the answer. */
  readonly abort: () => void;
}

/**
 * Delivers an answer. Until its first event nothing is sent, so that what is thrown before can still be a status.
 *
 * @returns counts of what was answered
 */
export async function deliver(
  events: AsyncGenerator<AnswerEvent, void>,
  delivery: Delivery,
): Promise<TokenCounts> {
  const { value: start } = await events.next();
  if (start?.kind !== "answer-start") throw new Error("Internal: an answer without a start");
  delivery.onBegin();
  const { promptTokens, reusedTokens } = start;
  const send = delivery.stream ? streamed : whole;
  const counts = (answerTokens: number): TokenCounts => ({ promptTokens, reusedTokens, answerTokens });
  return send(events, delivery, counts);
}

type Counting = (answerTokens: number) => TokenCounts;

async function whole(
  events: AsyncGenerator<AnswerEvent, void>,
  { response, format }: Delivery,
  counting: Counting,
): Promise<TokenCounts> {
  let text = "";
  let end: { reason: AnswerEnd; answerTokens: number } = { reason: "stop", answerTokens: 0 };
  const tokens: GeneratedToken[] = [];
  for await (const event of events) {
    if (event.kind === "answer-end") end = event;
    if (event.kind !== "text-added") continue;
    text += event.text;
    tokens.push(...event.tokens);
  }
  const counts = counting(end.answerTokens);
  if (end.reason === "interrupted")
    sendJson(response, goingDown.status, refusalBody(goingDown), goingDown.headers);
  else sendJson(response, 200, format.whole({ text, tokens }, end.reason, counts));
  return counts;
}

async function streamed(
  events: AsyncGenerator<AnswerEvent, void>,
  { response, format, streamUsage, abort }: Delivery,
  counting: Counting,
): Promise<TokenCounts> {
  const write = (data: object): void => {
    if (response.destroyed) return;
    response.write(`data: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > MAX_UNREAD_BYTES) abort();
  };
  const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(200, { ...headers, "x-accel-buffering": "no" });
  const first = format.first();
  if (first) write(first);
  let counts = counting(0);
  try {
    for await (const event of events) {
      if (event.kind === "text-added") write(format.piece(event));
      if (event.kind !== "answer-end") continue;
      counts = counting(event.answerTokens);
      if (event.reason === "interrupted") write(refusalBody(goingDown));
      else {
        write(format.last(event.reason));
        if (streamUsage) write(format.counts(counts));
        response.write("data: [DONE]\n\n");
      }
    }
  } catch (error) {
    write(refusalBody(refusalOf(error)));
    throw error;
  } finally {
    if (!response.destroyed) response.end();
  }
  return counts;
}

/** Sends a body with its length and ends the response; one that has begun, or that nobody reads, stays as it is. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  const about = { "content-type": "application/json; charset=utf-8", "content-length": String(bytes.length) };
  response.writeHead(status, { ...about, "cache-control": "no-store", ...headers });
  response.end(bytes);
}
