/**
 * @file Client of a paid API that never exceeds its cap and never pays twice for the same question.
 *
 * A question goes through five steps, each in one transaction: look up a cached answer · lease the question · reserve
 * the maximum cost of an attempt · settle the actual cost · cache the answer. A process that dies loses only the
 * question in flight, and its reservation counts as spent.
 */

import { seconds, tokens, type Usd } from "@tunewise/core/quantity";
import { createGate } from "@tunewise/core/untrusted";
import {
  type AccountStanding,
  type AnswerLease,
  type Database,
  dropPaidAnswer,
  findPaidAnswer,
  keepPaidAnswer,
  type LeaseOutcome,
  releaseLease,
  renewLease,
  takeLease,
} from "@tunewise/tracker";
import { z } from "zod";
import {
  type Asker,
  type AskWorld,
  type CompletionAnswer,
  type CompletionRequest,
  createAsker,
  type FinishReason,
  maxPromptTokens,
  requestKey,
} from "../../ask/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type ExpectedPrice, expectedPrice } from "./expected-price.ts";
import { askWorld } from "./open-endpoint.ts";
import { type AccountOptions, isDead, type LeaseOwner, SpendingAccount } from "./spending-account.ts";
import { costOfTokens } from "./token-price.ts";

/** An answer and its cost, which is 0 if the answer was cached. */
export interface AnswerPaid {
  readonly answer: CachedAnswer;
  readonly request: string;
  readonly isKept: boolean;
  /** When it was stored, in milliseconds since 1970. */
  readonly storedMs: number;
  /** Includes failed attempts. */
  readonly cost: Usd;
}

/** Asks one endpoint and pays from one account. */
export interface MeteredClient {
  /**
   * Answers a question. Concurrent identical questions share one request.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and those of `Asker.complete` and the store
   */
  ask(question: CompletionRequest): Promise<AnswerPaid>;
  /** Estimates the cost of questions without sending a request. */
  expectedPrice(
    questions: readonly CompletionRequest[],
    answerTokens?: number | null,
  ): Promise<ExpectedPrice>;
  standing(): Promise<AccountStanding>;
  /** Charges all later requests to a run. */
  chargeTo(runId: string): void;
  /** Returns the amount paid since the last call, including failed attempts. */
  takePaid(): Usd;
}

/** Polling interval for a question leased by another process. */
const pollIntervalMs = 250;

/**
 * Opens a metered client without sending a request.
 *
 * @param owner identifies this process; see `leaseOwnerOf`
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredClient(
  options: AccountOptions,
  database: Database,
  owner: LeaseOwner,
  runtime: Pick<Runtime, "now" | "random" | "processes" | "signal">,
  world: AskWorld = askWorld(runtime),
): MeteredClient {
  const { endpoint, price } = options;
  const isFree = price.inputUsd + price.outputUsd === 0;
  const account = new SpendingAccount(options, isFree, database, owner, world);
  const asker = createAsker(endpoint, world);
  const context: MeteringContext = { options, database, owner, runtime, world, account, asker };
  const gate = createGate(endpoint.concurrency);
  const inFlight = new Map<string, Promise<AnswerPaid>>();
  return {
    ask: (question) => {
      const request = requestKey(endpoint, question);
      const known = inFlight.get(request);
      if (known) return known;
      const asking = gate(() => answerOf(context, request, question)).finally(() => inFlight.delete(request));
      inFlight.set(request, asking);
      return asking;
    },
    expectedPrice: (questions, answerTokens = null) =>
      expectedPrice(questions, answerTokens, { endpoint, price, reader: database }),
    standing: () => account.standing(),
    chargeTo: (runId) => account.chargeTo(runId),
    takePaid: () => account.takePaid(),
  };
}

interface MeteringContext {
  readonly options: AccountOptions;
  readonly database: Database;
  readonly asker: Asker;
  readonly owner: LeaseOwner;
  readonly account: SpendingAccount;
  readonly runtime: Pick<Runtime, "processes" | "signal">;
  readonly world: AskWorld;
}

async function answerOf(
  context: MeteringContext,
  request: string,
  question: CompletionRequest,
): Promise<AnswerPaid> {
  const { account, database, owner, runtime, world } = context;
  let dead: string | null = null;
  for (;;) {
    runtime.signal.throwIfAborted();
    // The cache is read first. It needs no transaction, and most questions of a second run are cached.
    const found = await findPaidAnswer(database, request);
    const answer = found === null ? null : parseAnswer(found.answer);
    if (answer !== null) return { answer, request, isKept: true, storedMs: found?.ms ?? 0, cost: 0 as Usd };
    if (found !== null) await account.write((transaction) => dropPaidAnswer(transaction, request));
    const nowMs = world.now();
    const lease: AnswerLease = {
      request,
      owner: owner.text,
      nowMs,
      expiresMs: nowMs + account.leaseMs,
      dead,
    };
    const outcome: LeaseOutcome = await account.write((transaction) => takeLease(transaction, lease));
    if (outcome.kind === "yours") {
      const paid = await askLeased(context, request, question);
      if (paid !== null) return paid;
    } else if (outcome.kind === "taken") {
      dead = (await isDead(outcome.owner, runtime.processes)) ? outcome.owner : null;
      if (dead === null) await world.sleep(pollIntervalMs * (0.5 + world.random()), runtime.signal);
    }
  }
}

const leaseLost = new Error("Internal: a lease was lost");

/** Asks a leased question. Returns `null` if another process took the lease while this one was suspended. */
async function askLeased(
  { account, asker, owner, runtime, options, world }: MeteringContext,
  request: string,
  question: CompletionRequest,
): Promise<AnswerPaid | null> {
  const { endpoint, price } = options;
  const most = costOfTokens(price, {
    promptTokens: maxPromptTokens(question),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(question.maxTokens),
  });
  let reservation: number | null = null;
  let failedCost = 0;
  try {
    const answer = await asker.complete(question, runtime.signal, {
      before: async () => {
        const reserved = await account.reserve(request, most, (transaction, expiresMs) =>
          renewLease(transaction, { request, owner: owner.text, expiresMs }),
        );
        if (reserved === "lost") throw leaseLost;
        reservation = reserved;
      },
      after: async ({ counts, failure }) => {
        if (failure === null) return; // a successful attempt is paid in the transaction that caches the answer
        const cost = costOfTokens(price, counts);
        const used = counts.promptTokens + counts.answerTokens;
        await account.pay({ request, reservation, cost, used });
        failedCost += cost;
        reservation = null;
      },
    });
    const { promptTokens, answerTokens } = answer;
    // An endpoint that reports no counts may have generated hidden tokens, so the maximum cost is charged.
    const cost = answer.usage === "reported" ? costOfTokens(price, answer) : most;
    const total = (failedCost + cost) as Usd;
    const ms = world.now();
    await account.pay(
      { request, reservation, cost, used: promptTokens + answerTokens },
      async (transaction) => {
        const cached = { request, model: endpoint.model, answer: serializeAnswer(answer) };
        await keepPaidAnswer(transaction, { ...cached, promptTokens, answerTokens, microUsd: total, ms });
        await releaseLease(transaction, request, owner.text);
      },
    );
    return { answer: withoutTries(answer), request, isKept: false, storedMs: ms, cost: total };
  } catch (error) {
    if (error === leaseLost) return null;
    // The original error is reported. A lease that could not be released expires.
    await account
      .write((transaction) => releaseLease(transaction, request, owner.text))
      .catch(() => undefined);
    throw error;
  }
}

/** An answer without its attempts. */
export type CachedAnswer = Omit<CompletionAnswer, "tries">;

/** Maximum size of a cached answer, which equals the maximum size of a response body. */
const maxAnswerChars = 64 * 1024 ** 2;

const count = z.int().min(0);
const call = z.object({
  id: z.string().exactOptional(),
  name: z.string(),
  arguments: z.union([z.string(), z.record(z.string(), z.json())]),
});
const logprobs = z.object({ tokens: z.array(z.string()), values: z.array(z.number()) });
const schema = z.object({
  text: z.string(),
  toolCalls: z.array(call).exactOptional(),
  logprobs: logprobs.exactOptional(),
  promptTokens: count.transform(tokens),
  cachedPromptTokens: count.transform(tokens),
  answerTokens: count.transform(tokens),
  usage: z.enum(["reported", "estimated"]),
  model: z.string(),
  isOtherModel: z.boolean(),
  finish: z.enum(["stop", "length", "filter", "other"] satisfies FinishReason[]),
  seconds: z.number().min(0).transform(seconds),
  leftOut: z.array(z.string()),
});

/** Serializes an answer. */
function serializeAnswer(answer: CompletionAnswer): string {
  return JSON.stringify(withoutTries(answer));
}

function withoutTries({ tries: _, ...kept }: CompletionAnswer): CachedAnswer {
  return kept;
}

/**
 * Parses a cached answer. Returns `null` if it is invalid, which may happen in a store restored from an unknown
 * archive.
 */
function parseAnswer(text: string): CachedAnswer | null {
  if (text.length > maxAnswerChars) return null;
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
