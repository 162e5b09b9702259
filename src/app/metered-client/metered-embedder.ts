/**
 * @file Embeddings from a paid API: the maximum cost of a request is reserved before it is sent.
 *
 * Unlike answers, vectors are cached by the caller (in a file, where an index needs them), so that a kill loses only
 * the requests in flight.
 */
import { createHash } from "node:crypto";
import {
  type AskTry,
  type AskWorld,
  createAsker,
  type Endpoint,
  estimateTokens,
  mostTextTokens,
  placeOf,
  vectorKey,
  wholeTimes,
} from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import { tokens, type Usd, usdText } from "../../quantity/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { createWriter, type Database, reserve } from "../../track/index.ts";
import type { LeaseOwner } from "./lease-owner.ts";
import { askWorld } from "./open-endpoint.ts";
import { recordPayment, recordReservation } from "./record-payment.ts";
import { writeWithRetry } from "./retry-write.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** Endpoint, price and spending account. */
export interface MeteredEmbedderOptions {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  /** Name of the account; all clients of the same store with this name share its cap. */
  readonly purse: string;
  /** `null` for a free endpoint without a cap. */
  readonly cap: Usd | null;
}

/** Embeds texts with one endpoint and pays from one account. */
export interface MeteredEmbedder {
  /** Address and model, which identify the vectors. */
  readonly name: string;
  readonly textsOfRequest: number;
  readonly concurrency: number;
  /**
   * Embeds the texts of one request, in order.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and those of `Asker.embed` and the store
   */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Expected and maximum cost of texts, without a request. */
  expectedPrice(texts: readonly string[]): { readonly expected: Usd; readonly most: Usd };
  /** Charges all further requests to a run. */
  chargeTo(runId: string): void;
  /** Amount paid since the last call, failed attempts included. */
  takePaid(): Usd;
}

/** Texts per request, far below the limit of APIs (2,048), since a failed request is paid again. */
const textsOfRequest = 64;

/** Margin of a reservation beyond the longest attempt; only for display. */
const reservationMarginMs = 60_000;

/**
 * Opens a metered embedder, without a request.
 *
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredEmbedder(
  { endpoint, price, purse, cap }: MeteredEmbedderOptions,
  database: Database,
  holder: LeaseOwner,
  runtime: Pick<Runtime, "now" | "random" | "signal">,
  world: AskWorld = askWorld(runtime),
): MeteredEmbedder {
  if (cap === null && price.inputUsd > 0) {
    throw new Error("Internal: an endpoint that costs money is asked without a cap");
  }
  const asker = createAsker(endpoint, world);
  const write = createWriter(database);
  const costOf = (promptTokens: number): Usd => {
    const counts = {
      promptTokens: tokens(promptTokens),
      cachedPromptTokens: tokens(0),
      answerTokens: tokens(0),
    };
    return costOfTokens(price, counts);
  };
  let paid = 0;
  let runId: string | null = null;
  return {
    name: `${endpoint.style} ${placeOf(endpoint.url)} ${endpoint.model}`,
    ...{ textsOfRequest, concurrency: endpoint.concurrency },
    embed: async (texts) => {
      const most = costOf(mostTextTokens(texts));
      const request = requestOf(endpoint, texts);
      let reservation: number | null = null;
      const after = async ({ counts, failure }: AskTry): Promise<void> => {
        // an endpoint that reports no counts may have read more tokens than estimated
        const cost = failure === null && counts.origin !== "reported" ? most : costOfTokens(price, counts);
        const open = reservation;
        const source = `${endpoint.model} at ${placeOf(endpoint.url)}, ${price.source}, ${request.slice(0, 16)}`;
        const payment = { reservation: open, cost, used: counts.promptTokens, source, ms: world.now() };
        await writeWithRetry(write, world, (transaction) => recordPayment(transaction, runId, payment));
        reservation = null;
        paid += cost;
      };
      const before = async (): Promise<void> => {
        const about = { cap, purse, endpoint, runId };
        reservation = await reserveBudget(about, { write, holder, world }, request, most);
      };
      return (await asker.embed(texts, runtime.signal, { before, after })).vectors;
    },
    expectedPrice: (texts) => ({
      expected: costOf(texts.reduce((sum, text) => sum + estimateTokens(text), 0)),
      most: costOf(mostTextTokens(texts)),
    }),
    chargeTo: (id) => {
      runId = id;
    },
    takePaid: () => {
      const taken = paid as Usd;
      paid = 0;
      return taken;
    },
  };
}

/**
 * Reserves the maximum cost of a request. Returns `null` for a free endpoint.
 *
 * @throws {TunewiseError} `ASK_BUDGET_SPENT`
 */
async function reserveBudget(
  {
    cap,
    purse,
    endpoint,
    runId,
  }: Pick<MeteredEmbedderOptions, "cap" | "purse" | "endpoint"> & {
    readonly runId: string | null;
  },
  { write, holder, world }: { readonly write: Write; readonly holder: LeaseOwner; readonly world: AskWorld },
  request: string,
  most: Usd,
): Promise<number | null> {
  if (cap === null) return null;
  const nowMs = world.now();
  const expiresMs = nowMs + endpoint.timeoutSeconds * 1000 * wholeTimes + reservationMarginMs;
  const wish = {
    purse,
    capMicroUsd: cap,
    microUsdMost: most,
    holder: holder.text,
    request,
    nowMs,
    expiresMs,
  };
  const outcome = await write(async (transaction) => {
    const reserved = await reserve(transaction, wish);
    if (reserved.kind === "reserved")
      await recordReservation(transaction, runId, {
        reservation: reserved.number,
        microUsd: most,
        ms: nowMs,
      });
    return reserved;
  });
  if (outcome.kind === "reserved") return outcome.number;
  const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = outcome.standing;
  const reserved = usdText((reservedMicroUsd + lostMicroUsd) as Usd);
  const about = { purse, cap: usdText(cap), spent: usdText(spentMicroUsd as Usd), reserved };
  const enough = usdText((spentMicroUsd + reservedMicroUsd + lostMicroUsd + most) as Usd);
  throw problem("ASK_BUDGET_SPENT", { ...about, needed: usdText(most), enough });
}

type Write = ReturnType<typeof createWriter>;

/** Key of a request, for its reservation. */
function requestOf(endpoint: Endpoint, texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(vectorKey(endpoint, text));
  return hash.digest("hex");
}
