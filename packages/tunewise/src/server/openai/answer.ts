/**
 * @file Delivers an answer to a client, complete or as a stream of server-sent events.
 *
 * @source WHATWG HTML, section 9.2 (server-sent events); the end mark `[DONE]` is OpenAI's
 */

import { randomBytes } from "node:crypto";
import type { Reply } from "@tunewise/tracker/http";
import type { AnswerEnd, AnswerEvent, GeneratedToken } from "../../app/inference/index.ts";
import type { AnswerCall, AnswerFormat, TokenCounts } from "./format.ts";
import { goingDown, refuse } from "./refuse.ts";

/** Form and callbacks of an answer's delivery. */
interface Delivery {
  readonly format: AnswerFormat;
  readonly stream: boolean;
  readonly streamUsage: boolean;
  /** Called once the answer has begun, when it is no longer queued. */
  readonly onBegin: () => void;
  /** Called once with the token counts; `null` if the answer never began. */
  readonly onEnd: (counts: TokenCounts | null) => void;
}

type Events = AsyncGenerator<AnswerEvent, void>;

/** Delivers an answer. Sends nothing before its first event, so that earlier errors can still set the status. */
export async function deliver(events: Events, delivery: Delivery): Promise<Reply> {
  const { format, stream, streamUsage, onBegin, onEnd } = delivery;
  let counts: TokenCounts | null = null;
  let isStreamed = false;
  try {
    const { value: start } = await events.next();
    if (start?.kind !== "answer-start") throw new Error("Internal: an answer without a start");
    onBegin();
    const { promptTokens, reusedTokens } = start;
    const counting = (answerTokens: number): TokenCounts => {
      counts = { promptTokens, reusedTokens, answerTokens };
      return counts;
    };
    if (!stream) return await complete(events, format, counting);
    isStreamed = true;
    return {
      status: 200,
      headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
      body: (push) => pushEvents(events, format, counting, streamUsage, push).finally(() => onEnd(counts)),
    };
  } finally {
    if (!isStreamed) onEnd(counts);
  }
}

/** An id of nine letters and digits, as templates of Mistral require. */
function callId(): string {
  return randomBytes(16).toString("hex").slice(0, 9);
}

type Counting = (answerTokens: number) => TokenCounts;

async function complete(events: Events, format: AnswerFormat, counting: Counting): Promise<Reply> {
  let text = "";
  const calls: AnswerCall[] = [];
  let current: { readonly name: string; readonly pieces: string[] } = { name: "", pieces: [] };
  let end: { reason: AnswerEnd; answerTokens: number } = { reason: "stop", answerTokens: 0 };
  const tokens: GeneratedToken[] = [];
  for await (const event of events) {
    if (event.kind === "answer-end") end = event;
    if (event.kind === "call-begin") current = { name: event.name, pieces: [] };
    if (event.kind === "arguments-added") current.pieces.push(event.text);
    if (event.kind === "call-end")
      calls.push({ id: callId(), name: current.name, arguments: current.pieces.join("") });
    if (event.kind === "call-broken") text += event.text;
    if (event.kind !== "text-added") continue;
    text += event.text;
    tokens.push(...event.tokens);
  }
  const counts = counting(end.answerTokens);
  if (end.reason === "interrupted") return refuse(goingDown);
  return { status: 200, body: format.whole({ text, tokens, calls }, end.reason, counts) };
}

async function pushEvents(
  events: Events,
  format: AnswerFormat,
  counting: Counting,
  streamUsage: boolean,
  push: (text: string) => void,
): Promise<void> {
  const write = (data: object): void => push(`data: ${JSON.stringify(data)}\n\n`);
  const first = format.first();
  if (first) write(first);
  let counts = counting(0);
  let index = -1;
  try {
    for await (const event of events) {
      if (event.kind === "text-added") write(format.piece(event));
      if (event.kind === "call-begin")
        write(format.callPiece({ index: ++index, id: callId(), name: event.name, arguments: "" }));
      // the pieces of a call that breaks off were sent already: as at OpenAI, they may be no valid JSON
      if (event.kind === "arguments-added") write(format.callPiece({ index, arguments: event.text }));
      if (event.kind !== "answer-end") continue;
      counts = counting(event.answerTokens);
      if (event.reason === "interrupted") write(refuse(goingDown).body as object);
      else {
        write(format.last(event.reason, index >= 0));
        if (streamUsage) write(format.counts(counts));
        push("data: [DONE]\n\n");
      }
    }
  } catch (error) {
    write(refuse(error).body as object);
    throw error;
  }
}
