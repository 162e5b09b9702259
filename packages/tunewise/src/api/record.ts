/** @file `tunewise/record`: records calls of an application as masked rows, from the AI SDK or any client with a fetch. */
import {
  type CallFacts,
  callOfBodies,
  type LazyRecorder,
  lazyRecorder,
  type MaskKind,
  maskKinds,
  maxCallSize,
  type RecordCounts,
} from "../app/record/index.ts";
import { chatMessages, chatTools, type Fields } from "./ai-sdk.ts";
import { openAnswer } from "./ai-sdk-answer.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { DropReason, MaskKind, RecordCounts } from "../app/record/index.ts";
export type { Runtime } from "../runtime/index.ts";
export type { WithRuntime } from "./runtime.ts";

/**
 * Options of a recorder.
 *
 * @example
 * import type { RecordOptions } from "tunewise/record";
 *
 * const options: RecordOptions = { file: "calls.jsonl", sample: 0.1 };
 * console.log(options.sample); // 0.1
 */
export interface RecordOptions extends WithRuntime {
  /** File of rows, of this process alone. Default: calls.jsonl. */
  readonly file?: string;
  /** What to mask before a row reaches the disk. Default: personal data and secrets. */
  readonly mask?: readonly MaskKind[];
  /** Share of the calls, from 0 to 1, chosen by a hash of the request. Default: 1. */
  readonly sample?: number;
  /** Maximum size of the file in bytes. Default: 1 GB. */
  readonly maxBytes?: number;
  /** Returns the user of the current call, of whom only a hash is stored. Default: none. */
  readonly user?: () => string | null;
  /** Called once if the file cannot be opened. Calls pass in any case. Default: nothing. */
  readonly onProblem?: (error: unknown) => void;
}

/** What every recorder offers besides recording. */
export interface CallRecorder {
  /** Stores feedback about an answer with its row. */
  feedback(id: string, score: number, comment?: string): void;
  /** What became of the calls so far. */
  counts(): RecordCounts;
  /** Writes everything and closes the file. Rows are otherwise written within 0.2 s. */
  close(): Promise<RecordCounts>;
}

/** A call of a language model as the AI SDK passes it to middleware. */
export interface WrappedCall {
  readonly params: object;
  readonly model: { readonly modelId: string };
}

/** Middleware for the AI SDK's `wrapLanguageModel`. */
export interface RecordingMiddleware extends CallRecorder {
  readonly specificationVersion: "v3";
  /** Answers with the model, and records the call. */
  wrapGenerate<Result>(
    call: WrappedCall & { readonly doGenerate: () => PromiseLike<Result> },
  ): Promise<Result>;
  /** Streams the model's answer, and records the call at its end. */
  wrapStream<Part, Result extends { readonly stream: ReadableStream<Part> }>(
    call: WrappedCall & { readonly doStream: () => PromiseLike<Result> },
  ): Promise<Result>;
}

/** Maximum seconds to read and mask one call, on the application's own thread. */
const secondsPerCall = 0.25;

function recorderOf(options: RecordOptions): LazyRecorder {
  const { file = "calls.jsonl", mask = maskKinds, sample = 1, maxBytes = 1e9, onProblem } = options;
  return lazyRecorder({ file, mask, sample, maxBytes, secondsPerCall }, runtimeOf(options), (error) =>
    onProblem?.(error),
  );
}

function controlsOf(recorder: LazyRecorder): CallRecorder {
  return {
    feedback: (id, score, comment) => recorder.addFeedback({ id, score, comment: comment ?? null }),
    counts: () => recorder.counts(),
    close: () => recorder.close(),
  };
}

/** Runs a part of recording, whose failure must not reach the application. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // the row is lost, and the call passes
  }
}

/**
 * Creates middleware that records calls of a language model: `wrapLanguageModel({ model, middleware: recordCalls() })`.
 *
 * @example
 * import { recordCalls } from "tunewise/record";
 *
 * const middleware = recordCalls({ file: "calls.jsonl" });
 * console.log(middleware.specificationVersion, middleware.counts().calls); // v3 0
 */
export function recordCalls(options: RecordOptions = {}): RecordingMiddleware {
  const recorder = recorderOf(options);
  const runtime = runtimeOf(options);
  const nowMs = (): number => runtime.elapsedSeconds() * 1000;
  const begin = (
    call: WrappedCall,
    isStream: boolean,
  ): ((result: unknown, parts?: readonly Fields[]) => void) => {
    const [timeMs, startMs] = [runtime.now().getTime(), nowMs()];
    return (result, parts) =>
      quietly(() => {
        const answer = openAnswer(result, parts ?? null, call.model.modelId);
        const request = requestOf(call);
        const latencyMs = nowMs() - startMs;
        const facts: CallFacts = {
          timeMs,
          latencyMs,
          firstByteMs: latencyMs,
          isStream,
          user: options.user?.() ?? null,
        };
        const text = JSON.stringify(request);
        recorder.add(text, { read: () => ({ request, answer }), facts, size: text.length });
      });
  };
  return {
    specificationVersion: "v3",
    wrapGenerate: async (call) => {
      const end = begin(call, false);
      try {
        const result = await call.doGenerate();
        end(result);
        return result;
      } catch (error) {
        recorder.fail();
        throw error;
      }
    },
    wrapStream: async (call) => {
      const end = begin(call, true);
      try {
        const result = await call.doStream();
        const parts: Fields[] = [];
        const stream = result.stream.pipeThrough(
          new TransformStream({
            transform: (part, controller) => {
              controller.enqueue(part);
              parts.push(part as Fields);
            },
            flush: () => end(result, parts),
          }),
        );
        return { ...result, stream };
      } catch (error) {
        recorder.fail();
        throw error;
      }
    },
    ...controlsOf(recorder),
  };
}

function requestOf({ params, model }: WrappedCall): Fields {
  const given = params as Fields;
  const names = {
    maxOutputTokens: "max_tokens",
    temperature: "temperature",
    topP: "top_p",
    seed: "seed",
  } as const;
  const parameters = Object.entries({ ...names, stopSequences: "stop", responseFormat: "response_format" })
    .filter(([name]) => given[name] !== undefined)
    .map(([name, stored]) => [stored, given[name]] as const);
  const tools = chatTools(given["tools"]);
  return {
    model: model.modelId,
    messages: chatMessages(given["prompt"]),
    ...(tools.length > 0 && { tools }),
    ...Object.fromEntries(parameters),
  };
}

/** A fetch that records, with the controls of its recorder. */
export interface RecordingFetch extends CallRecorder {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

/**
 * Creates a fetch for a client of OpenAI's API that records its chat completions:
 * `new OpenAI({ fetch: recordFetch() })`.
 *
 * @param passOn the fetch that answers. Default: that of the process
 * @example
 * import { recordFetch } from "tunewise/record";
 *
 * const recorded = recordFetch({ file: "calls.jsonl", sample: 0.1 });
 * console.log(recorded.counts().recorded); // 0
 */
export function recordFetch(options: RecordOptions = {}, passOn: typeof fetch = fetch): RecordingFetch {
  const recorder = recorderOf(options);
  const runtime = runtimeOf(options);
  const nowMs = (): number => runtime.elapsedSeconds() * 1000;
  const recorded = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const [timeMs, startMs] = [runtime.now().getTime(), nowMs()];
    const response = await passOn(input, init);
    const body = init?.body;
    const path = input instanceof Request ? input.url : String(input);
    if (typeof body === "string" && /\/chat\/completions(?:$|\?)/.test(path)) {
      quietly(() => {
        const copy = response.clone();
        const firstByteMs = nowMs() - startMs;
        void bytesOf(copy)
          .then(
            (bytes) => {
              const isStream = /^text\/event-stream/i.test(response.headers.get("content-type") ?? "");
              const latencyMs = nowMs() - startMs;
              const user = options.user?.() ?? null;
              const call = callOfBodies({
                request: { bytes: Buffer.from(body), encoding: "" },
                answer: { bytes, encoding: "" },
                status: response.status,
                facts: { timeMs, latencyMs, firstByteMs, isStream, user },
              });
              recorder.add(body, call);
            },
            () => recorder.fail(),
          )
          .catch(() => undefined);
      });
    }
    return response;
  };
  return Object.assign(recorded, controlsOf(recorder));
}

/** Reads a copy of a body. @throws {RangeError} above the maximum size, so that memory is bounded */
async function bytesOf(copy: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = copy.body?.getReader();
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > maxCallSize) {
      await reader?.cancel();
      throw new RangeError("the answer is too large to record");
    }
    pieces.push(next.value);
  }
  return Buffer.concat(pieces, length);
}
