/**
 * @file Asks a model many questions through a metered client. One question that fails does not end the others; a model
 * that is gone, a spent cap or a long outage does, and what was answered is kept.
 */
import type { CompletionRequest } from "../../ask/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { AnswerPaid, MeteredClient } from "../metered-client/index.ts";
import type { FrozenQuestion } from "./frozen-questions.ts";

/**
 * Why asking ended before every question was asked. `cap`: the dollars · `time`: the minutes · `budget`: a budget of
 * the project, or a person stopped it on the page · `gone`: the model does not exist or may not be used · `failing`:
 * the endpoint gave no answers for too long · `interrupted`: by a signal.
 */
export interface AskStop {
  readonly by: "cap" | "time" | "budget" | "gone" | "failing" | "interrupted";
  /** What the endpoint or the account reported; `null` for a signal. */
  readonly reason: string | null;
  /** Exit code of the problem behind it; `null`: none. */
  readonly cause: TunewiseError | null;
}

/** Answers to questions, and what has none. */
export interface QuestionResults {
  /** Number of questions that got an answer now. */
  readonly answered: number;
  /** Questions that the endpoint refuses, such as one beyond the context. */
  readonly refused: readonly { readonly question: FrozenQuestion; readonly reason: string }[];
  /** Questions that may be answered later. */
  readonly waiting: readonly FrozenQuestion[];
  /** Reason of the last temporary failure; `null`: none. */
  readonly lastFailure: string | null;
  /** `null`: every question was asked. */
  readonly stop: AskStop | null;
}

/** Inputs of `askQuestions`. */
export interface AskWork {
  readonly questions: readonly FrozenQuestion[];
  readonly client: Pick<MeteredClient, "ask">;
  readonly requestOf: (question: FrozenQuestion) => CompletionRequest;
  readonly concurrency: number;
  /** How long to keep trying while the endpoint answers nothing, in seconds. */
  readonly patienceSeconds: number;
  /** Seconds after which no further question is asked; `null`: no limit. */
  readonly limitSeconds: number | null;
  readonly runtime: Pick<Runtime, "signal" | "elapsedSeconds">;
  readonly sleep: (ms: number) => Promise<void>;
  /** A budget or a person that stops the run; `null`: continue. */
  readonly stopReason: () => string | null;
  readonly onAnswer: (question: FrozenQuestion, paid: AnswerPaid) => void;
}

/** Consecutive failures per concurrent request after which the others wait. */
const failuresPerWorker = 2;
/** Failures of one question, while others are answered, after which it waits for the next command: they may be billed. */
const maxFailuresOfOne = 3;
/** Refused questions in a row, without any answer, after which the model counts as unusable. */
const maxRefusedFirst = 20;
/** Pauses between rounds of an outage: the first, doubled up to the last. */
const [firstPauseMs, lastPauseMs] = [5_000, 60_000];

interface State {
  readonly queue: FrozenQuestion[];
  readonly refused: { question: FrozenQuestion; reason: string }[];
  readonly failed: FrozenQuestion[];
  readonly givenUp: FrozenQuestion[];
  /** Failures of each question, by key. */
  readonly failures: Map<string, number>;
  answered: number;
  answeredBefore: number;
  failuresInARow: number;
  lastFailure: string | null;
  lastAnswerSeconds: number;
  stop: AskStop | null;
}

/** Asks questions until each is answered or refused, or until something ends the work. */
export async function askQuestions(work: AskWork): Promise<QuestionResults> {
  const { runtime, concurrency, patienceSeconds } = work;
  const state: State = {
    queue: [...work.questions],
    refused: [],
    failed: [],
    givenUp: [],
    failures: new Map(),
    answered: 0,
    answeredBefore: 0,
    failuresInARow: 0,
    lastFailure: null,
    lastAnswerSeconds: runtime.elapsedSeconds(),
    stop: null,
  };
  for (let pauseMs = firstPauseMs; ; ) {
    state.answeredBefore = state.answered;
    state.failuresInARow = 0;
    await Promise.all(Array.from({ length: concurrency }, () => askInTurn(state, work)));
    state.queue.push(...state.failed.splice(0)); // behind the others, so that each gets a turn during an outage
    if (state.stop !== null || state.queue.length === 0) break;
    const silentSeconds = runtime.elapsedSeconds() - state.lastAnswerSeconds;
    if (silentSeconds + pauseMs / 1000 > patienceSeconds) {
      state.stop = { by: "failing", reason: state.lastFailure, cause: null };
      break;
    }
    await work.sleep(pauseMs);
    pauseMs = state.answered > state.answeredBefore ? firstPauseMs : Math.min(lastPauseMs, 2 * pauseMs);
  }
  const { answered, refused, queue, givenUp, lastFailure, stop } = state;
  return { answered, refused, waiting: [...queue, ...givenUp], lastFailure, stop };
}

async function askInTurn(state: State, work: AskWork): Promise<void> {
  while (state.stop === null && state.failuresInARow < failuresPerWorker * work.concurrency) {
    state.stop = stopNow(work);
    const question = state.stop === null ? state.queue.shift() : undefined;
    if (question === undefined) return;
    try {
      const paid = await work.client.ask(work.requestOf(question));
      work.onAnswer(question, paid);
      state.answered++;
      state.failuresInARow = 0;
      state.lastAnswerSeconds = work.runtime.elapsedSeconds();
    } catch (error) {
      noteFailure(state, question, error, work);
    }
  }
}

function stopNow({ runtime, limitSeconds, stopReason }: AskWork): AskStop | null {
  const reason = stopReason();
  if (runtime.signal.aborted) return interrupted;
  if (reason !== null) return { by: "budget", reason, cause: null };
  if (limitSeconds !== null && runtime.elapsedSeconds() >= limitSeconds)
    return { by: "time", reason: null, cause: null };
  return null;
}

/** Statuses of a model that is not there, or of an account without credit (a 429 that is refused for good). */
const goneStatuses: readonly number[] = [404, 410, 429];

/** @throws errors that are not about the endpoint */
function noteFailure(state: State, question: FrozenQuestion, error: unknown, { runtime }: AskWork): void {
  const stop = runtime.signal.aborted ? interrupted : stopOf(error);
  if (stop !== null) {
    state.queue.unshift(question);
    state.stop ??= stop;
  } else if (TunewiseError.is(error) && error.code === "ASK_REFUSED") {
    noteRefusal(state, question, error);
  } else if (TunewiseError.is(error) && error.code === "ASK_NO_ANSWER") {
    state.failuresInARow++;
    state.lastFailure = reasonOf(error);
    queueAgain(state, question);
  } else throw error;
}

const interrupted: AskStop = { by: "interrupted", reason: null, cause: null };

/** The stop that an error causes, because every other question would fail alike; `null`: none. */
function stopOf(error: unknown): AskStop | null {
  if (!TunewiseError.is(error)) return null;
  if (error.code === "ASK_BUDGET_SPENT") return { by: "cap", reason: error.message, cause: error };
  if (error.code === "ASK_KEY_REFUSED") return { by: "gone", reason: error.message, cause: error };
  const isGone = error.code === "ASK_REFUSED" && goneStatuses.includes(statusOf(error));
  return isGone ? { by: "gone", reason: reasonOf(error), cause: error } : null;
}

function noteRefusal(state: State, question: FrozenQuestion, error: TunewiseError): void {
  const reason = reasonOf(error);
  state.refused.push({ question, reason });
  if (state.answered > 0 || state.refused.length < maxRefusedFirst) return;
  state.queue.unshift(...state.refused.splice(0).map((one) => one.question));
  state.stop ??= { by: "gone", reason, cause: error };
}

function queueAgain(state: State, question: FrozenQuestion): void {
  const { failures, failed, givenUp, answered, answeredBefore } = state;
  const isOutage = answered === answeredBefore;
  const count = (failures.get(question.key) ?? 0) + (isOutage ? 0 : 1);
  failures.set(question.key, count);
  (count >= maxFailuresOfOne ? givenUp : failed).push(question);
}

function reasonOf({ params, message }: TunewiseError): string {
  const { reason } = params;
  return typeof reason === "string" && reason !== "" ? reason : message;
}

/** HTTP status of a refusal, with which its reason begins; 0 without one. */
function statusOf({ params }: TunewiseError): number {
  return Number(/^status (\d{3})\b/.exec(String(params["reason"] ?? ""))?.[1] ?? 0);
}
