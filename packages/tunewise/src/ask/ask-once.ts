/**
 * @file Sends one request, for an answer or for embeddings. Returns the complete response, or throws a failure.
 *
 * @source openai/openai-openapi openapi.yaml, CreateEmbeddingRequest and CreateEmbeddingResponse
 */
import { addressOf, type Endpoint } from "./endpoint.ts";
import { AttemptFailure, brokenAnswer } from "./failure.ts";
import type { Habits } from "./habits.ts";
import { eventData, type RequestTimeout, textOf, wholeText } from "./incoming.ts";
import type { AskWorld, CompletionRequest } from "./question.ts";
import { countIn, emptyAnswer, fieldsOf, type ReceivedAnswer, textIn } from "./received.ts";
import { shownText, withoutKey } from "./secret.ts";
import { complaintIn, notSent, send } from "./send.ts";
import type { Style } from "./styles/style.ts";

/** Inputs of one request. */
interface Once {
  readonly endpoint: Endpoint;
  readonly style: Style;
  readonly habits: Habits;
  readonly world: AskWorld;
  readonly timeout: RequestTimeout;
}

/**
 * Sends one question.
 *
 * @throws {AttemptFailure}
 */
export async function askOnce(question: CompletionRequest, once: Once): Promise<ReceivedAnswer> {
  const { endpoint, style, habits, world, timeout } = once;
  const body = JSON.stringify(style.body(question, endpoint.model, habits));
  const response = await send(endpoint, addressOf(endpoint, "chat"), body, timeout, world);
  const received = emptyAnswer();
  const pieces = textOf(response, timeout);
  const isStream = /\bevent-stream\b/.test(response.headers.get("content-type") ?? "");
  try {
    if (isStream) await takeEvents(received, pieces, once);
    else await takeWhole(received, await wholeText(pieces), once);
  } catch (error) {
    if (timeout.signal.aborted && !(error instanceof AttemptFailure)) throw error;
    // A stream that breaks off after the finish reason but before the token counts still holds the whole answer.
    if (received.finish === null || !isStream) return notSent(error);
  }
  if (received.finish === null && !received.isEnd) throw brokenAnswer("half an answer");
  if (received.finish === null && received.pieces.length + received.calls.length === 0)
    throw brokenAnswer("a stream without an answer");
  return keyless(received, endpoint);
}

/** Removes the key from a complete answer, since a stream may split a key in two. */
function keyless(received: ReceivedAnswer, { key }: Endpoint): ReceivedAnswer {
  const { pieces, model, calls, logprobs } = received;
  const text = pieces.join("");
  const shown = withoutKey(text, key);
  return {
    ...received,
    calls: calls.map((call) => {
      const [name, written] = [withoutKey(call.name, key), withoutKey(call.pieces.join(""), key)];
      return { id: call.id, name, pieces: [written] };
    }),
    // tokens could be joined to the key
    logprobs: shown === text ? logprobs : [],
    pieces: [shown],
    model: model === null ? null : withoutKey(model, key),
  };
}

/** Parses a JSON body. @throws {AttemptFailure} */
function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenAnswer("an answer that is no JSON");
  }
}

async function takeEvents(
  received: ReceivedAnswer,
  pieces: AsyncIterable<string>,
  { endpoint, style }: Once,
): Promise<void> {
  for await (const data of eventData(pieces)) {
    if (data === "[DONE]") {
      received.isEnd = true;
      return;
    }
    if (data === "") continue;
    const value = parsedAnswer(data);
    refuseError(value, endpoint);
    style.event(received, value);
    if (received.isEnd) return;
  }
}

async function takeWhole(received: ReceivedAnswer, text: string, once: Once): Promise<void> {
  // Some gateways send a stream with the wrong content type.
  if (/^\s*(?:data|event):/.test(text)) return takeEvents(received, onePiece(text), once);
  const value = parsedAnswer(text);
  refuseError(value, once.endpoint);
  if (!once.style.whole(received, value)) throw brokenAnswer("JSON that is no answer");
}

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text;
}

/** Errors for which a retry is pointless. */
const lasting = /invalid|authentication|permission|not_found|quota|billing|context_length/;

/** Throws for an error sent with a success status, as in streams, whose status precedes the error. */
function refuseError(value: unknown, { key }: Endpoint): void {
  const fields = fieldsOf(value);
  const isError = fields["type"] === "error" || (fields["error"] ?? null) !== null;
  if (!isError) return;
  const complaint = complaintIn(JSON.stringify(fields));
  const code = complaint.code ?? "";
  const isPassing = !lasting.test(code) && !/^4(?!08|09|25|29)\d\d$/.test(code);
  const reason = `an error instead of an answer: ${shownText(complaint.text, key)}`;
  throw new AttemptFailure({ reason, isPassing, paid: "assumed" });
}

/** Vectors as received. */
interface ReceivedVectors {
  readonly vectors: readonly Float32Array[];
  readonly model: string | null;
  readonly promptTokens: number | null;
}

/** Maximum width of an accepted vector. */
const maxWidth = 65_536;

/**
 * Requests vectors once. They come in the order of the texts and have the same width.
 *
 * @throws {AttemptFailure}
 */
export async function embedOnce(
  texts: readonly string[],
  once: { readonly endpoint: Endpoint; readonly world: AskWorld; readonly timeout: RequestTimeout },
): Promise<ReceivedVectors> {
  const { endpoint, world, timeout } = once;
  if (endpoint.style === "anthropic") {
    throw new AttemptFailure({
      reason: "this API does not support embeddings",
      isPassing: false,
      paid: "none",
    });
  }
  const body = JSON.stringify({ model: endpoint.model, input: texts, encoding_format: "float" });
  const response = await send(endpoint, addressOf(endpoint, "embeddings"), body, timeout, world);
  const text = await wholeText(textOf(response, timeout)).catch((error: unknown) => {
    if (timeout.signal.aborted && !(error instanceof AttemptFailure)) throw error;
    return notSent(error);
  });
  const value = parsedAnswer(text);
  refuseError(value, endpoint);
  const fields = fieldsOf(value);
  const vectors = vectorsIn(fields["data"], texts.length);
  const promptTokens = countIn(fieldsOf(fields["usage"])["prompt_tokens"]);
  const model = textIn(fields["model"]);
  return { vectors, model: model === null ? null : withoutKey(model, endpoint.key), promptTokens };
}

function vectorsIn(data: unknown, count: number): Float32Array[] {
  const list = Array.isArray(data) ? data : [];
  const vectors = new Map<number, Float32Array>();
  for (const [at, one] of list.entries()) {
    const { index = at, embedding } = fieldsOf(one);
    const numbers: readonly unknown[] = Array.isArray(embedding) ? embedding : [];
    const isSound =
      numbers.length > 0 && numbers.length <= maxWidth && numbers.every((number) => Number.isFinite(number));
    if (isSound && typeof index === "number") vectors.set(index, Float32Array.from(numbers as number[]));
  }
  const inOrder = Array.from({ length: count }, (_, at) => vectors.get(at));
  const width = inOrder[0]?.length;
  const found = inOrder.filter((vector) => vector !== undefined && vector.length === width);
  if (found.length !== count || list.length !== count)
    throw brokenAnswer("JSON without a vector of each text");
  return found as Float32Array[];
}
