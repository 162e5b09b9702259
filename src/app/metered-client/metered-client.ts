/**
 * @file Client of a paid API that never exceeds its budget cap and never pays twice for the same question.
 *
 * A question goes through five steps, each one transaction: look up a cached answer · lease the question · reserve
 * the maximum cost of an attempt · settle the actual cost · cache the answer. A process that dies loses only the
 * question in flight, and its reservation counts as spent.
 */
import {
  type AskedAnswer,
  type AskedQuestion,
  type Asker,
  type AskTry,
  type AskWorld,
  createAsker,
  type Endpoint,
  mostPromptTokens,
  placeOf,
  requestKey,
  wholeTimes,
} from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import { tokens, type Usd, usdText } from "../../quantity/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type AnswerClaim,
  type ClaimOutcome,
  claimRequest,
  createWriter,
  type Database,
  dropPaidAnswer,
  findPaidAnswer,
  keepPaidAnswer,
  type PurseStanding,
  readPurse,
  releaseClaim,
  renewClaim,
  reserve,
  type Transaction,
} from "../../track/index.ts";
import { createGate } from "../../untrusted/index.ts";
import { type CachedAnswer, parseAnswer, serializeAnswer } from "./cached-answer.ts";
import { type ExpectedPrice, expectedPrice } from "./expected-price.ts";
import { isDead, type LeaseOwner } from "./lease-owner.ts";
import { askWorld } from "./open-endpoint.ts";
import { recordPayment, recordReservation } from "./record-payment.ts";
import { writeWithRetry } from "./retry-write.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** Endpoint, price and spending account. */
export interface MeteredClientOptions {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  /** Name of the account; all clients of the same store with this name share its cap. */
  readonly purse: string;
  /** `null` for a free endpoint without a cap. */
  readonly cap: Usd | null;
  /** Id of the run that is charged; see `chargeTo`. */
  readonly runId?: string | null;
}

/** An answer and its cost, which is 0 for a cached answer. */
export interface AnswerPaid {
  readonly answer: CachedAnswer;
  readonly request: string;
  readonly isKept: boolean;
  /** Failed attempts included. */
  readonly cost: Usd;
}

/** Asks one endpoint and pays from one account. */
export interface MeteredClient {
  /**
   * Answers a question. Concurrent identical questions are asked once.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and those of `Asker.complete` and the store
   */
  ask(question: AskedQuestion): Promise<AnswerPaid>;
  /** Estimates the cost of questions without a request. */
  expectedPrice(questions: readonly AskedQuestion[], answerTokens?: number | null): Promise<ExpectedPrice>;
  standing(): Promise<PurseStanding>;
  /** Charges all further requests to a run. */
  chargeTo(runId: string): void;
  /** Amount paid since the last call, failed attempts included. */
  takePaid(): Usd;
}

/** Polling interval for a question that another process asks. */
const pollIntervalMs = 250;
/** Margin of a lease beyond the longest attempt, for a busy store or a slow disk. */
const leaseMarginMs = 60_000;

/**
 * Opens a metered client, without a request.
 *
 * @param holder identifies this process; see `leaseOwnerOf`
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredClient(
  options: MeteredClientOptions,
  database: Database,
  holder: LeaseOwner,
  runtime: Pick<Runtime, "now" | "random" | "processes" | "signal">,
  world: AskWorld = askWorld(runtime),
): MeteredClient {
  const { endpoint, price, purse } = options;
  if (options.cap === null && price.inputUsd + price.outputUsd > 0) {
    throw new Error("Internal: an endpoint that costs money is asked without a cap");
  }
  const context: MeteringContext = {
    ...{ options, database, holder, runtime, world },
    account: { runId: options.runId ?? null, paid: 0 },
    asker: createAsker(endpoint, world),
    write: createWriter(database),
  };
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
    standing: () => readPurse(database, purse, world.now()),
    chargeTo: (runId) => {
      context.account.runId = runId;
    },
    takePaid: () => {
      const taken = context.account.paid as Usd;
      context.account.paid = 0;
      return taken;
    },
  };
}

interface MeteringContext {
  readonly options: MeteredClientOptions;
  readonly database: Database;
  readonly asker: Asker;
  readonly holder: LeaseOwner;
  /** The run that is charged, and the amount since the last `takePaid`. */
  readonly account: { runId: string | null; paid: number };
  readonly runtime: Pick<Runtime, "processes" | "signal">;
  readonly world: AskWorld;
  readonly write: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
}

async function answerOf(
  context: MeteringContext,
  request: string,
  question: AskedQuestion,
): Promise<AnswerPaid> {
  const { database, holder, runtime, world, write } = context;
  let dead: string | null = null;
  for (;;) {
    runtime.signal.throwIfAborted();
    // Read first: a cached answer needs no transaction, and most questions of a second run are cached.
    const found = await findPaidAnswer(database, request);
    const answer = found === null ? null : parseAnswer(found.answer);
    if (answer !== null) return { answer, request, isKept: true, cost: 0 as Usd };
    if (found !== null) await write((transaction) => dropPaidAnswer(transaction, request));
    const nowMs = world.now();
    const claim: AnswerClaim = {
      request,
      holder: holder.text,
      nowMs,
      expiresMs: nowMs + leaseMs(context),
      dead,
    };
    const outcome: ClaimOutcome = await write((transaction) => claimRequest(transaction, claim));
    if (outcome.kind === "yours") {
      const paid = await askClaimed(context, request, question);
      if (paid !== null) return paid;
    } else if (outcome.kind === "taken") {
      dead = (await isDead(outcome.holder, runtime.processes)) ? outcome.holder : null;
      if (dead === null) await world.sleep(pollIntervalMs * (0.5 + world.random()), runtime.signal);
    }
  }
}

/** Duration of a lease: one attempt, with the pause before it. */
function leaseMs({ options }: MeteringContext): number {
  return options.endpoint.timeoutSeconds * 1000 * wholeTimes + leaseMarginMs;
}

/** Returns `null` if the lease was lost to another process while this one was suspended. */
async function askClaimed(
  context: MeteringContext,
  request: string,
  question: AskedQuestion,
): Promise<AnswerPaid | null> {
  const { asker, holder, runtime, options, world, write } = context;
  const most = costOfTokens(options.price, {
    promptTokens: mostPromptTokens(question),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(question.maxTokens),
  });
  const open = { reservation: null as number | null, cost: 0 };
  const settleTry = async ({ counts, failure }: AskTry): Promise<void> => {
    if (failure === null) return; // settled in the transaction that caches the answer
    const cost = costOfTokens(options.price, counts);
    const used = counts.promptTokens + counts.answerTokens;
    const { reservation } = open;
    await writeWithRetry(write, world, (transaction) =>
      spend(transaction, context, { request, reservation, cost, used }),
    );
    open.cost += cost;
    context.account.paid += cost;
    open.reservation = null;
  };
  try {
    const answer = await asker.complete(question, runtime.signal, {
      before: async () => {
        open.reservation = await reserveBudget(context, request, most);
      },
      after: settleTry,
    });
    // An endpoint that reports no counts may have generated hidden tokens, so the maximum counts.
    const cost = answer.usage === "reported" ? costOfTokens(options.price, answer) : most;
    await writeWithRetry(write, world, async (transaction) => {
      const used = answer.promptTokens + answer.answerTokens;
      await spend(transaction, context, { request, reservation: open.reservation, cost, used });
      await keepPaidAnswer(transaction, paidFrom(context, request, answer, open.cost + cost));
      await releaseClaim(transaction, request, holder.text);
    });
    context.account.paid += cost;
    return { answer: withoutTries(answer), request, isKept: false, cost: (open.cost + cost) as Usd };
  } catch (error) {
    if (error === claimLost) return null;
    // The first failure is reported; a remaining lease expires.
    await write((transaction) => releaseClaim(transaction, request, holder.text)).catch(() => undefined);
    throw error;
  }
}

const claimLost = new Error("Internal: a claim was lost");

/** Renews the lease and reserves money in one transaction. Returns the reservation, or `null` for a free endpoint. */
async function reserveBudget(context: MeteringContext, request: string, most: Usd): Promise<number | null> {
  const { account, holder, options, world, write } = context;
  const { purse, cap } = options;
  const nowMs = world.now();
  const expiresMs = nowMs + leaseMs(context);
  const outcome = await write(async (transaction) => {
    if (!(await renewClaim(transaction, { request, holder: holder.text, expiresMs }))) return "lost";
    if (cap === null) return "free";
    const wish = { purse, capMicroUsd: cap, microUsdMost: most, holder: holder.text };
    const reserved = await reserve(transaction, { ...wish, request, nowMs, expiresMs });
    if (reserved.kind === "reserved") {
      const noted = { reservation: reserved.number, microUsd: most, ms: nowMs };
      await recordReservation(transaction, account.runId, noted);
    }
    return reserved;
  });
  if (outcome === "lost") throw claimLost;
  if (outcome === "free") return null;
  if (outcome.kind === "reserved") return outcome.number;
  const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = outcome.standing;
  throw problem("ASK_BUDGET_SPENT", {
    purse,
    cap: usdText(cap ?? (0 as Usd)),
    spent: usdText(spentMicroUsd as Usd),
    reserved: usdText((reservedMicroUsd + lostMicroUsd) as Usd),
    needed: usdText(most),
    enough: usdText((spentMicroUsd + reservedMicroUsd + lostMicroUsd + most) as Usd),
  });
}

/** A paid attempt. */
interface PaidAttempt {
  readonly request: string;
  readonly reservation: number | null;
  readonly cost: Usd;
  /** Tokens of prompt and answer together. */
  readonly used: number;
}

/** Replaces the reservation of an attempt by its cost, and charges the run. */
async function spend(
  transaction: Transaction,
  { account, options, world }: MeteringContext,
  { request, reservation, cost, used }: PaidAttempt,
): Promise<void> {
  const { endpoint, price } = options;
  const source = `${endpoint.model} at ${placeOf(endpoint.url)}, ${price.source}, ${request.slice(0, 16)}`;
  await recordPayment(transaction, account.runId, { reservation, cost, used, source, ms: world.now() });
}

function paidFrom(
  { options, world }: MeteringContext,
  request: string,
  answer: AskedAnswer,
  microUsd: number,
): Parameters<typeof keepPaidAnswer>[1] {
  const { promptTokens, answerTokens } = answer;
  const about = { request, model: options.endpoint.model, answer: serializeAnswer(answer) };
  return { ...about, promptTokens, answerTokens, microUsd, ms: world.now() };
}

function withoutTries({ tries: _, ...kept }: AskedAnswer): CachedAnswer {
  return kept;
}
