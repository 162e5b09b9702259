/** @file Asks an endpoint with retries until it answers or fails for good. */

import { type Seconds, seconds } from "@tunewise/core/quantity";
import { createGate } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { askOnce, embedOnce } from "./ask-once.ts";
import { completeCalls } from "./calls.ts";
import {
  countsOfReceived,
  countsOfTexts,
  maxCounts,
  maxPromptTokens,
  maxTextTokens,
  noCounts,
} from "./count-tokens.ts";
import { checkEndpoint, type Endpoint, placeOf } from "./endpoint.ts";
import { AttemptFailure, type FailureFacts } from "./failure.ts";
import { adapt, firstHabits, type Habits, leftOutOf } from "./habits.ts";
import { type RequestTimeout, startTimeout } from "./incoming.ts";
import type {
  AskTry,
  AskWorld,
  CompletionAnswer,
  CompletionRequest,
  EmbeddingAnswer,
  TokenCounts,
  TokenLogprobs,
  TryWatch,
} from "./question.ts";
import type { ReceivedAnswer } from "./received.ts";
import { backOffMs, maxRequestedWaitMs } from "./send.ts";
import { anthropicStyle } from "./styles/anthropic.ts";
import { openaiStyle } from "./styles/openai.ts";
import type { Style } from "./styles/style.ts";

/** Asks one endpoint; questions beyond its concurrency are queued. */
export interface Asker {
  readonly endpoint: Endpoint;
  /**
   * @throws {TunewiseError} `ASK_KEY_REFUSED`, `ASK_REFUSED`, `ASK_NO_ANSWER`; the errors of `watch.before`; the
   * signal's reason once it is aborted
   */
  complete(question: CompletionRequest, signal: AbortSignal, watch?: TryWatch): Promise<CompletionAnswer>;
  /** Returns vectors of texts, in their order; throws the same errors as `complete`. */
  embed(texts: readonly string[], signal: AbortSignal, watch?: TryWatch): Promise<EmbeddingAnswer>;
}

/** Maximum adapted requests of a question. They do not count as tries: a refusal costs nothing. */
const maxAdaptations = 8;

const styles: Readonly<Record<Endpoint["style"], Style>> = {
  openai: openaiStyle,
  azure: openaiStyle,
  anthropic: anthropicStyle,
};

/**
 * Creates an asker; sends nothing yet.
 *
 * @throws {TunewiseError} `ASK_ADDRESS_INVALID`, `ASK_KEY_UNUSABLE`
 */
export function createAsker(endpoint: Endpoint, world: AskWorld): Asker {
  checkEndpoint(endpoint);
  const style = styles[endpoint.style];
  const gate = createGate(endpoint.concurrency);
  // shared, so that all questions use what one of them learned about the endpoint
  const learned = { habits: firstHabits, restUntilMs: 0 };
  const run = async <Result extends { readonly model: string | null }>(
    work: Work<Result>,
    signal: AbortSignal,
    watch: TryWatch,
  ) => {
    const { result, tries, time } = await untilAnswered(work, { endpoint, world, learned, signal, watch });
    const counts = work.counts(result);
    const model = result.model ?? endpoint.model;
    const usage = counts.origin === "reported" ? ("reported" as const) : ("estimated" as const);
    const isOther = endpoint.style !== "azure" && isOtherModel(endpoint.model, model);
    const about = { usage, model, isOtherModel: isOther, seconds: time, tries };
    return { result, counts, about };
  };
  return {
    endpoint,
    complete: (question, signal, watch = {}) =>
      gate(async () => {
        const work: Work<Awaited<ReturnType<typeof askOnce>>> = {
          once: (timeout, habits) => askOnce(question, { endpoint, style, habits, world, timeout }),
          counts: (received) => countsOfReceived(received, question),
          keys: (habits) => new Set(Object.keys(style.body(question, endpoint.model, habits))),
          most: maxCounts(maxPromptTokens(question), question.maxTokens),
        };
        const { result, counts, about } = await run(work, signal, watch);
        const { promptTokens, cachedPromptTokens, answerTokens } = counts;
        const toolCalls = completeCalls(result.calls);
        const { logprobs } = result;
        return {
          ...about,
          promptTokens,
          cachedPromptTokens,
          answerTokens,
          text: result.pieces.join(""),
          ...(toolCalls.length > 0 && { toolCalls }),
          ...(logprobs.length > 0 && { logprobs: logprobsOf(logprobs) }),
          finish: result.finish ?? "other",
          leftOut: [...new Set([...leftOutOf(learned.habits), ...style.lacking(question)])],
        };
      }),
    embed: (texts, signal, watch = {}) =>
      gate(async () => {
        const work: Work<Awaited<ReturnType<typeof embedOnce>>> = {
          once: (timeout) => embedOnce(texts, { endpoint, world, timeout }),
          counts: ({ promptTokens }) => countsOfTexts(promptTokens, texts),
          keys: () => new Set(),
          most: maxCounts(maxTextTokens(texts), 0),
        };
        const { result, counts, about } = await run(work, signal, watch);
        return { ...about, promptTokens: counts.promptTokens, vectors: result.vectors };
      }),
  };
}

function logprobsOf(received: ReceivedAnswer["logprobs"]): TokenLogprobs {
  return {
    tokens: received.map(({ token }) => token),
    values: received.map(({ logprob }) => logprob),
  };
}

/** One kind of request: an answer or vectors. */
interface Work<Result> {
  once(timeout: RequestTimeout, habits: Habits): Promise<Result>;
  counts(result: Result): TokenCounts;
  /** Keys of the request. */
  keys(habits: Habits): ReadonlySet<string>;
  readonly most: TokenCounts;
}

interface Circumstances {
  readonly endpoint: Endpoint;
  readonly world: AskWorld;
  readonly learned: { habits: Habits; restUntilMs: number };
  readonly signal: AbortSignal;
  readonly watch: TryWatch;
}

async function untilAnswered<Result>(
  work: Work<Result>,
  circumstances: Circumstances,
): Promise<{ readonly result: Result; readonly tries: readonly AskTry[]; readonly time: Seconds }> {
  const { endpoint, world, learned, signal, watch } = circumstances;
  const tries: AskTry[] = [];
  let adaptions = 0;
  for (let failed = 0; ; ) {
    await rest(circumstances);
    await watch.before?.();
    const [startMs, habits] = [world.now(), learned.habits];
    const time = (): Seconds => seconds(Math.max(0, world.now() - startMs) / 1000);
    const note = async (counts: TokenCounts, failure: string | null): Promise<void> => {
      const one = { counts, seconds: time(), failure };
      tries.push(one);
      await watch.after?.(one);
    };
    const timeout = startTimeout(endpoint.timeoutSeconds, world, signal);
    let facts: FailureFacts;
    try {
      const result = await work.once(timeout, habits);
      await note(work.counts(result), null);
      return { result, tries, time: time() };
    } catch (error) {
      if (!(error instanceof AttemptFailure)) {
        if (tries.at(-1)?.failure !== null) await note(work.most, "stopped");
        throw error;
      }
      ({ facts } = error);
    } finally {
      timeout.end();
    }
    await note(facts.paid === "assumed" ? work.most : noCounts, facts.reason);
    const better = adaption(facts, learned.habits, habits, work);
    if (better !== null && adaptions++ < maxAdaptations) {
      learned.habits = better;
      continue;
    }
    failed++;
    if (!facts.isPassing || failed >= endpoint.maxTries) throw problemOf(endpoint, facts, tries.length);
    const askedMs = facts.waitMs ?? 0;
    if (askedMs > maxRequestedWaitMs) throw problemOf(endpoint, tooLong(facts, askedMs), tries.length);
    // The wait that the endpoint requested applies to all questions of this asker.
    learned.restUntilMs = Math.max(learned.restUntilMs, world.now() + askedMs);
    await pause(backOffMs(failed, world.random), circumstances);
  }
}

/** Returns adapted habits after a complaint, or the current ones if another question has changed them meanwhile. */
function adaption<Result>(
  { status = 0, complaint = null }: FailureFacts,
  now: Habits,
  used: Habits,
  work: Work<Result>,
): Habits | null {
  if ((status !== 400 && status !== 422) || complaint === null) return null;
  return now === used ? adapt(now, complaint, work.keys(now)) : now;
}

async function rest(circumstances: Circumstances): Promise<void> {
  const { world, learned } = circumstances;
  await pause(learned.restUntilMs - world.now(), circumstances);
}

async function pause(ms: number, { world, signal }: Circumstances): Promise<void> {
  if (ms > 0) await world.sleep(ms, AbortSignal.any([signal]));
  signal.throwIfAborted();
}

function tooLong(facts: FailureFacts, askedMs: number): FailureFacts {
  return { ...facts, reason: `${facts.reason}; it requested a wait of ${Math.ceil(askedMs / 1000)} s` };
}

function problemOf({ url }: Endpoint, facts: FailureFacts, tries: number): Error {
  const { status = 0, reason, isPassing } = facts;
  const place = placeOf(url);
  if (status === 401 || status === 403) return problem("ASK_KEY_REFUSED", { place, status });
  return isPassing
    ? problem("ASK_NO_ANSWER", { place, tries, reason })
    : problem("ASK_REFUSED", { place, reason });
}

/** Suffix of a model version: a date, a number or a tag. */
const version = /^(?:[-@]\d{4}-?\d{2}-?\d{2}|[-@]\d{3,4}|-latest|:latest)$/;

/**
 * Compares model names. A vendor prefix, case, a date suffix and `:latest` are ignored; another model of the family
 * (`-mini`) is another model.
 */
export function isOtherModel(asked: string, answered: string): boolean {
  const [a, b] = [bare(asked), bare(answered)];
  if (a === b) return false;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return !(long.startsWith(short) && version.test(long.slice(short.length)));
}

/** Strips the path and the file ending that names of local models may have. */
function bare(name: string): string {
  return (name.split(/[\\/]/).at(-1) ?? "").toLowerCase().replace(/\.gguf$/, "");
}
