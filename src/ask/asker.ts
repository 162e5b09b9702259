/** @file Asks an endpoint until it answers, or says why it does not. */
import { problem } from "../problem/index.ts";
import { type Seconds, seconds, type Tokens } from "../quantity/index.ts";
import { createGate } from "../untrusted/index.ts";
import { askOnce, embedOnce } from "./ask-once.ts";
import {
  countsOfHeard,
  countsOfTexts,
  mostCounts,
  mostPromptTokens,
  mostTextTokens,
  noCounts,
} from "./count-tokens.ts";
import { checkEndpoint, type Endpoint, placeOf } from "./endpoint.ts";
import { type FailureFacts, TryFailure } from "./failure.ts";
import { adapt, firstHabits, type Habits, leftOutOf } from "./habits.ts";
import { createPatience, type Patience } from "./incoming.ts";
import type {
  AskedAnswer,
  AskedQuestion,
  AskedVectors,
  AskTry,
  AskWorld,
  TokenCounts,
  TryWatch,
} from "./question.ts";
import { askedWaitMsMost, backOffMs } from "./send.ts";
import { anthropicStyle } from "./styles/anthropic.ts";
import { openaiStyle } from "./styles/openai.ts";
import type { Style } from "./styles/style.ts";

/** Asks one endpoint; questions beyond its concurrency wait in line. */
export interface Asker {
  readonly endpoint: Endpoint;
  /**
   * @throws {TunewiseError} `ASK_KEY_REFUSED`, `ASK_REFUSED`, `ASK_NO_ANSWER`; what `watch.before` throws; the signal's
   * reason once it is aborted
   */
  complete(question: AskedQuestion, signal: AbortSignal, watch?: TryWatch): Promise<AskedAnswer>;
  /** Vectors of texts, in their order; throws as `complete` does. */
  embed(texts: readonly string[], signal: AbortSignal, watch?: TryWatch): Promise<AskedVectors>;
}

/** How often a question is put in another way, beside its tries: a refusal is free, and each leaves something out. */
const adaptionsMost = 8;

const styles: Readonly<Record<Endpoint["style"], Style>> = {
  openai: openaiStyle,
  azure: openaiStyle,
  anthropic: anthropicStyle,
};

/**
 * An asker; nothing is sent yet.
 *
 * @throws {TunewiseError} `ASK_ADDRESS_INVALID`, `ASK_KEY_UNUSABLE`
 */
export function createAsker(endpoint: Endpoint, world: AskWorld): Asker {
  checkEndpoint(endpoint);
  const style = styles[endpoint.style];
  const gate = createGate(endpoint.concurrency);
  // What one question finds out holds for all later ones.
  const learned = { habits: firstHabits, restUntilMs: 0 };
  return {
    endpoint,
    complete: (question, signal, watch = {}) =>
      gate(async () => {
        const most = mostCounts(mostPromptTokens(question), question.maxTokens);
        const work: Work<Awaited<ReturnType<typeof askOnce>>> = {
          once: (patience, habits) => askOnce(question, { endpoint, style, habits, world, patience }),
          counts: (heard) => countsOfHeard(heard, question),
          keys: (habits) => new Set(Object.keys(style.body(question, endpoint.model, habits))),
          most,
        };
        const { result, tries, time } = await untilAnswered(work, {
          endpoint,
          world,
          learned,
          signal,
          watch,
        });
        const counts = countsOfHeard(result, question);
        const model = result.model ?? endpoint.model;
        return {
          ...answerCounts(counts),
          text: result.pieces.join(""),
          cachedPromptTokens: counts.cachedPromptTokens,
          answerTokens: counts.answerTokens,
          model,
          isOtherModel: endpoint.style !== "azure" && isOtherModel(endpoint.model, model),
          finish: result.finish ?? "other",
          seconds: time,
          tries,
          leftOut: [...new Set([...leftOutOf(learned.habits), ...style.lacking(question)])],
        };
      }),
    embed: (texts, signal, watch = {}) =>
      gate(async () => {
        const work: Work<Awaited<ReturnType<typeof embedOnce>>> = {
          once: (patience) => embedOnce(texts, { endpoint, world, patience }),
          counts: ({ promptTokens }) => countsOfTexts(promptTokens, texts),
          keys: () => new Set(),
          most: mostCounts(mostTextTokens(texts), 0),
        };
        const { result, tries, time } = await untilAnswered(work, {
          endpoint,
          world,
          learned,
          signal,
          watch,
        });
        const model = result.model ?? endpoint.model;
        return {
          ...answerCounts(work.counts(result)),
          vectors: result.vectors,
          model,
          isOtherModel: endpoint.style !== "azure" && isOtherModel(endpoint.model, model),
          seconds: time,
          tries,
        };
      }),
  };
}

function answerCounts({ promptTokens, origin }: TokenCounts): {
  readonly promptTokens: Tokens;
  readonly usage: "reported" | "estimated";
} {
  return { promptTokens, usage: origin === "reported" ? "reported" : "estimated" };
}

/** What is asked for. */
interface Work<Result> {
  once(patience: Patience, habits: Habits): Promise<Result>;
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
    const patience = createPatience(endpoint.timeoutSeconds, world, signal);
    let facts: FailureFacts;
    try {
      const result = await work.once(patience, habits);
      await note(work.counts(result), null);
      return { result, tries, time: time() };
    } catch (error) {
      if (!(error instanceof TryFailure)) {
        if (tries.at(-1)?.failure !== null) await note(work.most, "stopped");
        throw error;
      }
      ({ facts } = error);
    } finally {
      patience.end();
    }
    await note(facts.paid === "assumed" ? work.most : noCounts, facts.reason);
    const better = adaption(facts, learned.habits, habits, work);
    if (better !== null && adaptions++ < adaptionsMost) {
      learned.habits = better;
      continue;
    }
    failed++;
    if (!facts.isPassing || failed >= endpoint.triesMost) throw problemOf(endpoint, facts, tries.length);
    const askedMs = facts.waitMs ?? 0;
    if (askedMs > askedWaitMsMost) throw problemOf(endpoint, tooLong(facts, askedMs), tries.length);
    // All questions of this asker wait for what one of them was told.
    learned.restUntilMs = Math.max(learned.restUntilMs, world.now() + askedMs);
    await pause(backOffMs(failed, world.random), circumstances);
  }
}

/** Other habits after a complaint; those of now, where another question has found the same out meanwhile. */
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
  return { ...facts, reason: `${facts.reason}; it asks to wait ${Math.ceil(askedMs / 1000)} s` };
}

function problemOf({ url }: Endpoint, facts: FailureFacts, tries: number): Error {
  const { status = 0, reason, isPassing } = facts;
  const place = placeOf(url);
  if (status === 401 || status === 403) return problem("ASK_KEY_REFUSED", { place, status });
  return isPassing
    ? problem("ASK_NO_ANSWER", { place, tries, reason })
    : problem("ASK_REFUSED", { place, reason });
}

/** What a version adds to a name: a date, a tag, a place of a gateway's. */
const version = /^(?:[-@]\d{4}-?\d{2}-?\d{2}|[-@]\d{3,4}|-latest|:latest)$/;

/**
 * A name with a vendor before it, other capitals, a date behind it or `:latest` is the same model; a smaller one of the
 * family (`-mini`) is not.
 */
export function isOtherModel(asked: string, answered: string): boolean {
  const [a, b] = [bare(asked), bare(answered)];
  if (a === b) return false;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return !(long.startsWith(short) && version.test(long.slice(short.length)));
}

/** The name of a local model may be the path of its file. */
function bare(name: string): string {
  return (name.split(/[\\/]/).at(-1) ?? "").toLowerCase().replace(/\.gguf$/, "");
}
