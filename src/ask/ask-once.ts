/**
 * @file One request for an answer: what is heard, whole, or a failure.
 */
import { addressOf, type Endpoint } from "./endpoint.ts";
import { brokenAnswer, TryFailure } from "./failure.ts";
import type { Habits } from "./habits.ts";
import { fieldsOf, type Heard, nothingHeard } from "./heard.ts";
import { eventData, type Patience, textOf, wholeText } from "./incoming.ts";
import type { AskedQuestion } from "./question.ts";
import { shownText, withoutKey } from "./secret.ts";
import { complaintIn, notSent, send } from "./send.ts";
import type { Style } from "./styles/style.ts";
import type { AskWorld } from "./world.ts";

/** What one request needs. */
export interface Once {
  readonly endpoint: Endpoint;
  readonly style: Style;
  readonly habits: Habits;
  readonly world: AskWorld;
  readonly patience: Patience;
}

/**
 * Asks once.
 *
 * @throws {TryFailure}
 */
export async function askOnce(question: AskedQuestion, once: Once): Promise<Heard> {
  const { endpoint, style, habits, world, patience } = once;
  const body = JSON.stringify(style.body(question, endpoint.model, habits));
  const response = await send(endpoint, addressOf(endpoint, "chat"), body, patience, world);
  const heard = nothingHeard();
  const pieces = textOf(response, patience);
  const isStream = /\bevent-stream\b/.test(response.headers.get("content-type") ?? "");
  try {
    if (isStream) await takeEvents(heard, pieces, once);
    else await takeWhole(heard, await wholeText(pieces), once);
  } catch (error) {
    if (patience.signal.aborted && !(error instanceof TryFailure)) throw error;
    // A stream that breaks off behind its last word, before its count: the answer is there.
    if (heard.finish === null || !isStream) return notSent(error);
  }
  if (heard.finish === null && !heard.isEnd) throw brokenAnswer("half an answer");
  if (heard.finish === null && heard.pieces.length === 0) throw brokenAnswer("a stream without an answer");
  return keyless(heard, endpoint);
}

/** What was heard, without the key: here it enters the house. Whole, since a stream may break a key in two. */
function keyless(heard: Heard, { key }: Endpoint): Heard {
  const { pieces, model } = heard;
  return {
    ...heard,
    pieces: [withoutKey(pieces.join(""), key)],
    model: model === null ? null : withoutKey(model, key),
  };
}

/** Reads a body of JSON. @throws {TryFailure} */
export function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenAnswer("an answer that is no JSON");
  }
}

async function takeEvents(
  heard: Heard,
  pieces: AsyncIterable<string>,
  { endpoint, style }: Once,
): Promise<void> {
  for await (const data of eventData(pieces)) {
    if (data === "[DONE]") {
      heard.isEnd = true;
      return;
    }
    if (data === "") continue;
    const value = parsedAnswer(data);
    refuseError(value, endpoint);
    style.event(heard, value);
    if (heard.isEnd) return;
  }
}

async function takeWhole(heard: Heard, text: string, once: Once): Promise<void> {
  // Some gateways send a stream and call it something else.
  if (/^\s*(?:data|event):/.test(text)) return takeEvents(heard, onePiece(text), once);
  const value = parsedAnswer(text);
  refuseError(value, once.endpoint);
  if (!once.style.whole(heard, value)) throw brokenAnswer("JSON that is no answer");
}

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text;
}

/** Errors that no second try mends. */
const lasting = /invalid|authentication|permission|not_found|quota|billing|context_length/;

/** An error that comes under a status of success, as in streams whose status was sent long ago. */
export function refuseError(value: unknown, { key }: Endpoint): void {
  const fields = fieldsOf(value);
  const isError = fields["type"] === "error" || (fields["error"] ?? null) !== null;
  if (!isError) return;
  const complaint = complaintIn(JSON.stringify(fields));
  const code = complaint.code ?? "";
  const isPassing = !lasting.test(code) && !/^4(?!08|09|25|29)\d\d$/.test(code);
  const reason = `an error instead of an answer: ${shownText(complaint.text, key)}`;
  throw new TryFailure({ reason, isPassing, paid: "assumed" });
}
