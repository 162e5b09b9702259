/**
 * @file Reads the answer of a chat completion from the body of a response, which is one JSON document or a stream of
 * server-sent events.
 *
 * @source openai/openai-openapi openapi.yaml, CreateChatCompletionResponse and CreateChatCompletionStreamResponse;
 * `reasoning_content` as in DeepSeek's API and vLLM, `reasoning` as in OpenRouter's
 */
import { parseJson } from "@tunewise/core/untrusted";

/** A JSON object of a client or an API, which is untrusted. */
export type Fields = Readonly<Record<string, unknown>>;

/** A call of a tool. */
export interface RecordedToolCall {
  readonly id: string | null;
  readonly name: string;
  /** JSON text as the model wrote it. */
  readonly arguments: string;
}

/** The first choice of an answer. */
export interface RecordedAnswer {
  /** Id of the completion, by which feedback names it. */
  readonly id: string | null;
  /** Model that answered. */
  readonly model: string | null;
  readonly content: string;
  readonly reasoning: string;
  readonly toolCalls: readonly RecordedToolCall[];
  /** Whether the content is a refusal. */
  readonly isRefusal: boolean;
  readonly finishReason: string | null;
  readonly usage: Fields | null;
}

/** Max. number of calls in an answer. */
const maxCalls = 1_000;

/**
 * Reads an answer.
 *
 * @returns `null` if the body has no complete answer: an error, or a stream that broke off
 * @throws {SyntaxError} for a body that is not JSON
 */
export function answerOfBody(body: string, isStream: boolean): RecordedAnswer | null {
  const answer = isStream ? joinEvents(body) : answerOf(fieldsOf(parseJson(body)), "message");
  return answer === null || answer.finishReason === null ? null : answer;
}

/** Returns a JSON object as it is, and an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** Returns a list as it is, and an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns a text as it is, and `null` for anything else. */
export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function answerOf(fields: Fields, key: "message" | "delta"): RecordedAnswer | null {
  const choice = fieldsOf(listOf(fields["choices"]).find((one) => (fieldsOf(one)["index"] ?? 0) === 0));
  const message = fieldsOf(choice[key]);
  const content = textIn(message["content"]) ?? "";
  const refusal = textIn(message["refusal"]) ?? "";
  return {
    id: textIn(fields["id"]),
    model: textIn(fields["model"]),
    content: content === "" ? refusal : content,
    reasoning: textIn(message["reasoning_content"]) ?? textIn(message["reasoning"]) ?? "",
    toolCalls: callsOf(message),
    isRefusal: content === "" && refusal !== "",
    finishReason: textIn(choice["finish_reason"]),
    usage: usageIn(fields),
  };
}

function callsOf(message: Fields): RecordedToolCall[] {
  return listOf(message["tool_calls"])
    .slice(0, maxCalls)
    .map((call) => {
      const { id, function: called } = fieldsOf(call);
      const { name, arguments: given } = fieldsOf(called);
      return { id: textIn(id), name: textIn(name) ?? "", arguments: textIn(given) ?? "" };
    });
}

function usageIn(fields: Fields): Fields | null {
  const usage = fields["usage"];
  return typeof usage === "object" && usage !== null ? fieldsOf(usage) : null;
}

/** A call while its pieces are joined. */
interface OpenCall {
  id: string | null;
  name: string;
  readonly pieces: string[];
}

/** Joins the pieces of a stream. Pieces of the second and further choices are skipped. */
function joinEvents(body: string): RecordedAnswer | null {
  const [content, reasoning]: [string[], string[]] = [[], []];
  const calls = new Map<number, OpenCall>();
  let [id, model, finishReason]: (string | null)[] = [null, null, null];
  let [usage, isRefusal]: [Fields | null, boolean] = [null, false];
  for (const data of eventData(body)) {
    if (data === "[DONE]") break;
    const fields = fieldsOf(parseJson(data));
    const piece = answerOf(fields, "delta");
    if (piece === null) continue;
    id ??= piece.id;
    model ??= piece.model;
    finishReason = piece.finishReason ?? finishReason;
    usage = piece.usage ?? usage;
    isRefusal ||= piece.isRefusal;
    content.push(piece.content);
    reasoning.push(piece.reasoning);
    addCalls(calls, fields);
  }
  return {
    id: id ?? null,
    model: model ?? null,
    content: content.join(""),
    reasoning: reasoning.join(""),
    toolCalls: [...calls]
      .sort(([a], [b]) => a - b)
      .map(([, call]) => ({ id: call.id, name: call.name, arguments: call.pieces.join("") })),
    isRefusal,
    finishReason: finishReason ?? null,
    usage,
  };
}

/** Adds the pieces of calls, which name their call by its index. */
function addCalls(calls: Map<number, OpenCall>, fields: Fields): void {
  const choice = fieldsOf(listOf(fields["choices"]).find((one) => (fieldsOf(one)["index"] ?? 0) === 0));
  for (const one of listOf(fieldsOf(choice["delta"])["tool_calls"])) {
    const { index, id, function: called } = fieldsOf(one);
    const at = typeof index === "number" ? index : 0;
    const call = calls.get(at) ?? { id: null, name: "", pieces: [] };
    if (!calls.has(at) && calls.size >= maxCalls) return;
    calls.set(at, call);
    call.id ??= textIn(id);
    const { name, arguments: given } = fieldsOf(called);
    call.name += textIn(name) ?? "";
    call.pieces.push(textIn(given) ?? "");
  }
}

/**
 * Yields the data of each event. Other fields and comments are skipped.
 *
 * @source html.spec.whatwg.org, 9.2.6: lines end with LF, CR or both; several data lines are joined by LF
 */
function* eventData(body: string): Generator<string> {
  let data: string[] = [];
  for (const line of body.split(/\r\n|\n|\r/)) {
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else if (line === "" && data.length > 0) {
      yield data.join("\n");
      data = [];
    }
  }
  if (data.length > 0) yield data.join("\n");
}
