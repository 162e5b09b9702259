/** @file Reads the body of a response within limits of time and length. */
import { wholeTimes } from "./endpoint.ts";
import { AttemptFailure, brokenAnswer } from "./failure.ts";
import type { AskWorld } from "./question.ts";

/** Maximum size of an answer: 100 times the longest answers of current models. */
const maxAnswerBytes = 64 * 1024 ** 2;
/** Maximum length of a line of a stream. */
const maxLineLength = 4 * 1024 ** 2;

/** Enforces the time limits of one request. */
export interface RequestTimeout {
  /** Aborted by the caller, or at the end of the request. */
  readonly signal: AbortSignal;
  /** Awaits a promise; fails if a time limit passes first. */
  within<Result>(coming: Promise<Result>): Promise<Result>;
  /** Closes the connection. */
  end(): void;
}

/** Starts the clock of a request. */
export function startTimeout(seconds: number, world: AskWorld, caller: AbortSignal): RequestTimeout {
  const request = new AbortController();
  const startMs = world.now();
  const wholeMs = seconds * 1000 * wholeTimes;
  // One signal per request, since Node warns about many listeners on one signal.
  const signal = AbortSignal.any([request.signal, caller]);
  return {
    signal,
    within: async (coming) => {
      const leftMs = startMs + wholeMs - world.now();
      const alarm = new AbortController();
      // Checked before the race, so that a stream that never pauses times out too.
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
        coming.catch(() => undefined); // a failure after the timeout is ignored
      }
    },
    end: () => request.abort(),
  };
}

const late: unique symbol = Symbol("late");

/** Returns a promise that rejects when a signal is aborted. */
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

/** Yields the text of a body in pieces that never split a character; fails beyond the size limit. */
export async function* textOf(
  response: Response,
  timeout: RequestTimeout,
  maxBytes: number = maxAnswerBytes,
): AsyncGenerator<string> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw brokenAnswer(`an answer of ${declared} bytes`);
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for (;;) {
    const { done, value } = await timeout.within(reader.read());
    if (done) break;
    bytes += value.length;
    if (bytes > maxBytes) throw brokenAnswer(`an answer of more than ${maxBytes} bytes`);
    yield decoder.decode(value, { stream: true });
  }
  yield decoder.decode();
}

/** Joins the pieces of a body. */
export async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  const all: string[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.join("");
}

/**
 * Yields the text after `data:` of each line of an event stream; other lines (comments, event names) are skipped.
 *
 * Every vendor writes an event's data on one line, so lines need not be joined.
 *
 * @source html.spec.whatwg.org, 9.2.6: lines end with LF, CR or both
 */
export async function* eventData(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let begun: string[] = []; // pieces of an incomplete line
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
