/** @file Reads the body of a response within limits of time and length. */
import { wholeTimes } from "./endpoint.ts";
import { AttemptFailure, brokenAnswer } from "./failure.ts";
import type { AskWorld } from "./question.ts";

/** Longest answer: 100 times what the longest answers of today's models have. */
const maxAnswerBytes = 64 * 1024 ** 2;
/** Longest piece of a stream. */
const maxLineLength = 4 * 1024 ** 2;

/** Watches over one request. */
export interface RequestTimeout {
  /** Aborted by the caller, or at the end of the request. */
  readonly signal: AbortSignal;
  /** Gives what comes, unless nothing does for too long. */
  within<Result>(coming: Promise<Result>): Promise<Result>;
  /** Lets go of the network. */
  end(): void;
}

/** Starts the clock of a request. */
export function startTimeout(seconds: number, world: AskWorld, caller: AbortSignal): RequestTimeout {
  const request = new AbortController();
  const startMs = world.now();
  const wholeMs = seconds * 1000 * wholeTimes;
  // Of its own for each request: a signal that many requests listened to would complain.
  const signal = AbortSignal.any([request.signal, caller]);
  return {
    signal,
    within: async (coming) => {
      const leftMs = startMs + wholeMs - world.now();
      const alarm = new AbortController();
      // A stream that never rests must end too, so that the clock is asked first.
      const ringing = leftMs <= 0 ? late : world.sleep(Math.min(seconds * 1000, leftMs), alarm.signal);
      const stopped = abortOf(signal);
      try {
        const tired = ringing === late ? late : ringing.then(() => late);
        const first = await Promise.race([tired, coming, stopped.promise]);
        if (first !== late) return first as Awaited<typeof coming>;
        const isWhole = leftMs < seconds * 1000;
        const reason = isWhole ? `no end within ${seconds * wholeTimes} s` : `no byte for ${seconds} s`;
        throw new AttemptFailure({ reason, isPassing: true, paid: "assumed" });
      } finally {
        alarm.abort();
        stopped.forget();
        coming.catch(() => undefined); // what comes too late is nobody's failure
      }
    },
    end: () => request.abort(),
  };
}

const late: unique symbol = Symbol("late");

/** Fails when a signal is aborted. */
function abortOf(signal: AbortSignal): { readonly promise: Promise<never>; forget(): void } {
  let forget = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    forget = () => signal.removeEventListener("abort", stop);
  });
  promise.catch(() => undefined);
  return { promise, forget };
}

/** Pieces of text of a body, none split inside a character; fails beyond the longest answer. */
export async function* textOf(
  response: Response,
  timeout: RequestTimeout,
  bytesMost: number = maxAnswerBytes,
): AsyncGenerator<string> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  if (declared > bytesMost) throw brokenAnswer(`an answer of ${declared} bytes`);
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for (;;) {
    const { done, value } = await timeout.within(reader.read());
    if (done) break;
    bytes += value.length;
    if (bytes > bytesMost) throw brokenAnswer(`an answer of more than ${bytesMost} bytes`);
    yield decoder.decode(value, { stream: true });
  }
  yield decoder.decode();
}

/** A whole body. */
export async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  const all: string[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.join("");
}

/**
 * What follows `data:` in each line of a stream of events; other lines (comments, names of events) say nothing.
 *
 * Each vendor writes an event's data in one line, so that lines need not be joined.
 *
 * @source html.spec.whatwg.org, 9.2.6: lines end with LF, CR or both
 */
export async function* eventData(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let begun: string[] = []; // pieces of a line whose end is still to come
  let length = 0;
  for await (const piece of pieces) {
    const lines = piece.split(/\r\n|\n|\r/);
    lines[0] = lines.length > 1 ? begun.join("") + lines[0] : (lines[0] ?? "");
    if (lines.length > 1) [begun, length] = [[], 0];
    const last = lines.pop() ?? "";
    begun.push(last);
    length += last.length;
    if (length > maxLineLength) throw brokenAnswer(`a line of more than ${maxLineLength} characters`);
    for (const line of lines) if (line.startsWith("data:")) yield line.slice("data:".length).trim();
  }
  const rest = begun.join("");
  if (rest.startsWith("data:")) yield rest.slice("data:".length).trim();
}
