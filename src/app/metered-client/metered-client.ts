/**
 * @file Asks and pays: nothing beyond the cap, nothing twice.
 *
 * A question goes through five steps, each of them one transaction: is its answer kept? · is somebody asking it? · the
 * most that a try can cost is set aside · the try is settled with what it did cost · the answer is kept. So a process
 * that dies loses the question in flight and nothing else, and what it had set aside counts as spent.
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
import type { Host } from "../../runtime/index.ts";
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
import { type ExpectedPrice, expectedPrice } from "./expected-price.ts";
import { type KeptAnswer, keptText, readKept } from "./kept-answer.ts";
import { isDead, type LeaseOwner } from "./lease-owner.ts";
import { askWorld } from "./open-endpoint.ts";
import { chargeReserved, pay } from "./pay-for-run.ts";
import { writeSurely } from "./retry-write.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** Whom to ask, and who pays. */
export interface MeteredClientOptions {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  /** All that ask with the same name in the same store share its cap. */
  readonly purse: string;
  /** `null`: no cap, for an endpoint that is free. */
  readonly cap: Usd | null;
  /** Id of a run that is charged for each answer; see `chargeTo`. */
  readonly runId?: string | null;
}

/** An answer, and what it cost now: nothing, if it was kept from before. */
export interface AnswerPaid {
  readonly answer: KeptAnswer;
  readonly request: string;
  readonly isKept: boolean;
  /** Tries that failed included. */
  readonly cost: Usd;
}

/** Asks one endpoint out of one purse. */
export interface MeteredClient {
  /**
   * The answer of a question; the same question twice at once is asked once.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and what `Asker.complete` and the store throw
   */
  ask(question: AskedQuestion): Promise<AnswerPaid>;
  /** What questions will cost; asks nothing. */
  expectedPrice(questions: readonly AskedQuestion[], answerTokens?: number | null): Promise<ExpectedPrice>;
  standing(): Promise<PurseStanding>;
  /** Charges a run for what is asked from now on. */
  chargeTo(runId: string): void;
  /** What was paid since the last call, failed tries included. */
  takePaid(): Usd;
}

/** How long to look away from a question that another process asks. */
const lookAgainMs = 250;
/** A claim outlasts the longest try by so much: waiting for room in the store, a slow disk. */
const claimSlackMs = 60_000;

/**
 * Opens a payer; nothing is asked yet.
 *
 * @param holder tells this process from all others; see `holderOf`
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredClient(
  options: MeteredClientOptions,
  database: Database,
  holder: LeaseOwner,
  host: Pick<Host, "now" | "random" | "processes" | "signal">,
  world: AskWorld = askWorld(host),
): MeteredClient {
  const { endpoint, price, purse } = options;
  if (options.cap === null && price.inputUsd + price.outputUsd > 0) {
    throw new Error("Internal: an endpoint that costs money is asked without a cap");
  }
  const desk: Desk = {
    ...{ options, database, holder, host, world },
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
      const asking = gate(() => answerOf(desk, request, question)).finally(() => inFlight.delete(request));
      inFlight.set(request, asking);
      return asking;
    },
    expectedPrice: (questions, answerTokens = null) =>
      expectedPrice(questions, answerTokens, { endpoint, price, reader: database }),
    standing: () => readPurse(database, purse, world.now()),
    chargeTo: (runId) => {
      desk.account.runId = runId;
    },
    takePaid: () => {
      const taken = desk.account.paid as Usd;
      desk.account.paid = 0;
      return taken;
    },
  };
}

interface Desk {
  readonly options: MeteredClientOptions;
  readonly database: Database;
  readonly asker: Asker;
  readonly holder: LeaseOwner;
  /** The run that is charged, and what was paid since somebody asked. */
  readonly account: { runId: string | null; paid: number };
  readonly host: Pick<Host, "processes" | "signal">;
  readonly world: AskWorld;
  readonly write: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
}

async function answerOf(desk: Desk, request: string, question: AskedQuestion): Promise<AnswerPaid> {
  const { database, holder, host, world, write } = desk;
  let dead: string | null = null;
  for (;;) {
    host.signal.throwIfAborted();
    // Read first: what is kept needs no transaction, and most questions of a second run are.
    const found = await findPaidAnswer(database, request);
    const answer = found === null ? null : readKept(found.answer);
    if (answer !== null) return { answer, request, isKept: true, cost: 0 as Usd };
    if (found !== null) await write((transaction) => dropPaidAnswer(transaction, request));
    const nowMs = world.now();
    const claim: AnswerClaim = {
      request,
      holder: holder.text,
      nowMs,
      expiresMs: nowMs + claimMs(desk),
      dead,
    };
    const outcome: ClaimOutcome = await write((transaction) => claimRequest(transaction, claim));
    if (outcome.kind === "yours") {
      const paid = await askClaimed(desk, request, question);
      if (paid !== null) return paid;
    } else if (outcome.kind === "taken") {
      dead = (await isDead(outcome.holder, host.processes)) ? outcome.holder : null;
      if (dead === null) await world.sleep(lookAgainMs * (0.5 + world.random()), host.signal);
    }
  }
}

/** How long a claim stands: one try, with the pause before it. */
function claimMs({ options }: Desk): number {
  return options.endpoint.timeoutSeconds * 1000 * wholeTimes + claimSlackMs;
}

/** `null`: the claim was lost to another process while this one was asleep. */
async function askClaimed(desk: Desk, request: string, question: AskedQuestion): Promise<AnswerPaid | null> {
  const { asker, holder, host, options, world, write } = desk;
  const most = costOfTokens(options.price, {
    promptTokens: mostPromptTokens(question),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(question.maxTokens),
  });
  const open = { reservation: null as number | null, cost: 0 };
  const settleTry = async ({ counts, failure }: AskTry): Promise<void> => {
    if (failure === null) return; // settled when its answer is kept, in the same transaction
    const cost = costOfTokens(options.price, counts);
    const used = counts.promptTokens + counts.answerTokens;
    const { reservation } = open;
    await writeSurely(write, world, (transaction) =>
      spend(transaction, desk, { request, reservation, cost, used }),
    );
    open.cost += cost;
    desk.account.paid += cost;
    open.reservation = null;
  };
  try {
    const answer = await asker.complete(question, host.signal, {
      before: async () => {
        open.reservation = await setAside(desk, request, most);
      },
      after: settleTry,
    });
    // Whoever does not count may have written more than is to be seen, so that the most counts.
    const cost = answer.usage === "reported" ? costOfTokens(options.price, answer) : most;
    await writeSurely(write, world, async (transaction) => {
      const used = answer.promptTokens + answer.answerTokens;
      await spend(transaction, desk, { request, reservation: open.reservation, cost, used });
      await keepPaidAnswer(transaction, paidFrom(desk, request, answer, open.cost + cost));
      await releaseClaim(transaction, request, holder.text);
    });
    desk.account.paid += cost;
    return { answer: withoutTries(answer), request, isKept: false, cost: (open.cost + cost) as Usd };
  } catch (error) {
    if (error === claimLost) return null;
    // The first failure is the one to tell of; a claim that stays ends by itself.
    await write((transaction) => releaseClaim(transaction, request, holder.text)).catch(() => undefined);
    throw error;
  }
}

const claimLost = new Error("Internal: a claim was lost");

/** Renews the claim and sets money aside, in one transaction; gives the reservation, or `null` where all is free. */
async function setAside(desk: Desk, request: string, most: Usd): Promise<number | null> {
  const { account, holder, options, world, write } = desk;
  const { purse, cap } = options;
  const nowMs = world.now();
  const expiresMs = nowMs + claimMs(desk);
  const outcome = await write(async (transaction) => {
    if (!(await renewClaim(transaction, { request, holder: holder.text, expiresMs }))) return "lost";
    if (cap === null) return "free";
    const wish = { purse, capMicroUsd: cap, microUsdMost: most, holder: holder.text };
    const reserved = await reserve(transaction, { ...wish, request, nowMs, expiresMs });
    if (reserved.kind === "reserved") {
      const noted = { reservation: reserved.number, microUsd: most, ms: nowMs };
      await chargeReserved(transaction, account.runId, noted);
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

/** A try that was paid for. */
interface SpentTry {
  readonly request: string;
  readonly reservation: number | null;
  readonly cost: Usd;
  /** Tokens, of prompt and answer together. */
  readonly used: number;
}

/** Puts what a try cost in the place of what was set aside for it, and charges the run that it is for. */
async function spend(
  transaction: Transaction,
  { account, options, world }: Desk,
  { request, reservation, cost, used }: SpentTry,
): Promise<void> {
  const { endpoint, price } = options;
  const source = `${endpoint.model} at ${placeOf(endpoint.url)}, ${price.source}, ${request.slice(0, 16)}`;
  await pay(transaction, account.runId, { reservation, cost, used, source, ms: world.now() });
}

function paidFrom(
  { options, world }: Desk,
  request: string,
  answer: AskedAnswer,
  microUsd: number,
): Parameters<typeof keepPaidAnswer>[1] {
  const { promptTokens, answerTokens } = answer;
  const about = { request, model: options.endpoint.model, answer: keptText(answer) };
  return { ...about, promptTokens, answerTokens, microUsd, ms: world.now() };
}

function withoutTries({ tries: _, ...kept }: AskedAnswer): KeptAnswer {
  return kept;
}
