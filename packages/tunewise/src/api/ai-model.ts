/**
 * @file The model of this process as a language model of the AI SDK.
 *
 * @source vercel/ai packages/provider/src/language-model/v3, version 3 of the specification: order of stream parts
 */
import type { AnswerEvent, TextModel } from "../app/inference/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { type AiWarning, questionOf } from "./ai-question.ts";

/** Part of an answer. */
export type AiContent =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "tool-call";
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: string;
    };

/** Why an answer ended. */
export interface AiFinishReason {
  readonly unified: "stop" | "length" | "tool-calls";
  readonly raw: string;
}

/** Tokens of a call. */
export interface AiUsage {
  readonly inputTokens: {
    readonly total: number;
    readonly noCache: number;
    readonly cacheRead: number;
    readonly cacheWrite: undefined;
  };
  readonly outputTokens: { readonly total: number; readonly text: undefined; readonly reasoning: undefined };
}

/** Part of a stream. */
export type AiStreamPart =
  | { type: "stream-start"; warnings: AiWarning[] }
  | { type: "response-metadata"; id: string; modelId: string; timestamp: Date }
  | { type: "text-start" | "text-end"; id: string }
  | { type: "text-delta"; id: string; delta: string }
  | { type: "tool-input-start"; id: string; toolName: string }
  | { type: "tool-input-delta"; id: string; delta: string }
  | { type: "tool-input-end"; id: string }
  | { type: "tool-call"; toolCallId: string; toolName: string; input: string }
  | { type: "finish"; finishReason: AiFinishReason; usage: AiUsage }
  | { type: "error"; error: unknown };

/** A whole answer. */
export interface AiResult {
  content: AiContent[];
  finishReason: AiFinishReason;
  usage: AiUsage;
  warnings: AiWarning[];
  response: { id: string; modelId: string; timestamp: Date };
}

/** A language model of version 3 of the AI SDK's specification, for `ai` 6 and later. */
export interface AiModel {
  readonly specificationVersion: "v3";
  readonly provider: "tunewise";
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(options: object): Promise<AiResult>;
  doStream(options: object): Promise<{ readonly stream: ReadableStream<AiStreamPart> }>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** Clock and randomness. */
type World = Pick<Runtime, "now" | "random">;

/** A random id of 96 bits. */
function newId({ random }: World): string {
  const word = (): string =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, "0");
  return word() + word();
}

/** A language model over a text model that is opened with the first call. */
export function languageModel(
  modelId: string,
  base: boolean,
  open: () => Promise<TextModel>,
  world: World,
): AiModel {
  let opened: Promise<TextModel> | null = null;
  const model = (): Promise<TextModel> => {
    opened ??= open().catch((error: unknown) => {
      opened = null; // the next call tries again
      throw error;
    });
    return opened;
  };
  return {
    specificationVersion: "v3",
    provider: "tunewise",
    modelId,
    supportedUrls: {},
    doGenerate: async (options) => wholeAnswer(await model(), options, base, world),
    doStream: async (options) => streamAnswer(await model(), options, base, world),
    close: async () => {
      const one = await opened?.catch(() => null);
      opened = null;
      await one?.close();
    },
  };
}

/** Answers calls with a model. The first event of an answer fails early if the prompt cannot be answered. */
async function streamAnswer(
  model: TextModel,
  options: object,
  base: boolean,
  world: World,
): Promise<{ readonly stream: ReadableStream<AiStreamPart> }> {
  const { question, warnings } = questionOf(options, model, base);
  const events = model.answer(question);
  const first = await events.next();
  const parts = partsOf(first, events, question.signal, {
    warnings,
    id: `answer-${newId(world)}`,
    world,
    modelId: question.variant.name,
  });
  let isCancelled = false;
  const pump = async (controller: ReadableStreamDefaultController<AiStreamPart>): Promise<void> => {
    try {
      for await (const part of parts) {
        if (isCancelled) return; // ends the answer
        controller.enqueue(part);
      }
    } catch (error) {
      if (!isCancelled) controller.enqueue({ type: "error", error });
    } finally {
      await events.return(undefined);
      if (!isCancelled) controller.close();
    }
  };
  // The answer does not wait for its reader: a stream that nobody reads to its end would block the model for all
  // others.
  const stream = new ReadableStream<AiStreamPart>({
    start: (controller) => {
      void pump(controller);
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  return { stream };
}

/** Joins the parts of a stream. @throws the error of the answer */
async function wholeAnswer(
  model: TextModel,
  options: object,
  base: boolean,
  world: World,
): Promise<AiResult> {
  const { stream } = await streamAnswer(model, options, base, world);
  const content: AiContent[] = [];
  const texts = new Map<string, string>();
  let warnings: AiWarning[] = [];
  let response = { id: "", modelId: "", timestamp: new Date(0) };
  const reader = stream.getReader();
  for (;;) {
    const { done, value: part } = await reader.read();
    if (done) throw new Error("Internal: the answer has no end");
    if (part.type === "stream-start") warnings = part.warnings;
    else if (part.type === "response-metadata")
      response = { id: part.id, modelId: part.modelId, timestamp: part.timestamp };
    else if (part.type === "text-delta") texts.set(part.id, (texts.get(part.id) ?? "") + part.delta);
    else if (part.type === "text-end") content.push({ type: "text", text: texts.get(part.id) ?? "" });
    else if (part.type === "tool-call") content.push(part);
    else if (part.type === "error") throw part.error;
    else if (part.type === "finish")
      return { content, finishReason: part.finishReason, usage: part.usage, warnings, response };
  }
}

/** The parts of a stream: its start, texts and calls in order, then its end. */
async function* partsOf(
  first: IteratorResult<AnswerEvent, void>,
  events: AsyncGenerator<AnswerEvent, void>,
  signal: AbortSignal,
  {
    warnings,
    id,
    modelId,
    world,
  }: { readonly world: World; readonly warnings: AiWarning[]; readonly id: string; readonly modelId: string },
): AsyncGenerator<AiStreamPart, void> {
  yield { type: "stream-start", warnings };
  yield { type: "response-metadata", id, modelId, timestamp: world.now() };
  let [promptTokens, reusedTokens, calls, texts] = [0, 0, 0, 0];
  let text: string | null = null;
  let call = { id: "", name: "", input: "" };
  const closed = function* (): Generator<AiStreamPart> {
    if (text !== null) yield { type: "text-end", id: text };
    text = null;
  };
  const said = function* (delta: string): Generator<AiStreamPart> {
    if (text === null) {
      text = `text-${++texts}`;
      yield { type: "text-start", id: text };
    }
    yield { type: "text-delta", id: text, delta };
  };
  for (let next = first; !next.done; next = await events.next()) {
    const event = next.value;
    if (event.kind === "answer-start") ({ promptTokens, reusedTokens } = event);
    else if (event.kind === "text-added") yield* said(event.text);
    else if (event.kind === "call-begin") {
      yield* closed();
      call = { id: `call_${newId(world)}`, name: event.name, input: "" };
      yield { type: "tool-input-start", id: call.id, toolName: call.name };
    } else if (event.kind === "arguments-added") {
      call.input += event.text;
      yield { type: "tool-input-delta", id: call.id, delta: event.text };
    } else if (event.kind === "call-end") {
      calls++;
      yield { type: "tool-input-end", id: call.id };
      yield { type: "tool-call", toolCallId: call.id, toolName: call.name, input: call.input };
    } else if (event.kind === "call-broken") {
      yield { type: "tool-input-end", id: call.id };
      yield* said(event.text);
    } else {
      yield* closed();
      if (event.reason === "interrupted") throw signal.reason ?? new Error("the model was closed");
      const unified = event.reason === "length" ? "length" : calls > 0 ? "tool-calls" : "stop";
      const usage = usageOf(promptTokens, reusedTokens, event.answerTokens);
      yield { type: "finish", finishReason: { unified, raw: event.reason }, usage };
    }
  }
}

function usageOf(promptTokens: number, reusedTokens: number, answerTokens: number): AiUsage {
  return {
    inputTokens: {
      total: promptTokens,
      noCache: promptTokens - reusedTokens,
      cacheRead: reusedTokens,
      cacheWrite: undefined,
    },
    outputTokens: { total: answerTokens, text: undefined, reasoning: undefined },
  };
}
