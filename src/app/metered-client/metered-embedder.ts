/**
 * @file Vectors of an API, paid out of a purse: the most that a request can cost is set aside before it is sent.
 *
 * Unlike answers, vectors are kept by who asks (in a file, where an index needs them), so that what a kill costs is the
 * requests in flight.
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
import type { Host } from "../../runtime/index.ts";
import { createWriter, type Database, reserve } from "../../track/index.ts";
import type { LeaseOwner } from "./lease-owner.ts";
import { askWorld } from "./open-endpoint.ts";
import { chargeReserved, pay } from "./pay-for-run.ts";
import { writeSurely } from "./retry-write.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** Whom to ask, and who pays. */
export interface MeteredEmbedderOptions {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  /** All that ask with the same name in the same store share its cap. */
  readonly purse: string;
  /** `null`: no cap, for an endpoint that is free. */
  readonly cap: Usd | null;
}

/** Asks one endpoint for vectors out of one purse. */
export interface MeteredEmbedder {
  /** Address and model: what tells its vectors from others'. */
  readonly name: string;
  readonly textsOfRequest: number;
  readonly concurrency: number;
  /**
   * Vectors of the texts of one request, in their order.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and what `Asker.embed` and the store throw
   */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** What vectors of texts will cost, expected and at most; asks nothing. */
  expectedPrice(texts: readonly string[]): { readonly expected: Usd; readonly most: Usd };
  /** Charges a run for what is asked from now on. */
  chargeTo(runId: string): void;
  /** What was paid since the last call, failed tries included. */
  takePaid(): Usd;
}

/** Texts of one request, far below what APIs take (2,048): a request that fails is paid for again. */
const textsOfRequest = 64;

/** A reservation outlasts the longest try by so much; only for telling people. */
const slackMs = 60_000;

/**
 * Opens a payer; nothing is asked yet.
 *
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredEmbedder(
  { endpoint, price, purse, cap }: MeteredEmbedderOptions,
  database: Database,
  holder: LeaseOwner,
  host: Pick<Host, "now" | "random" | "signal">,
  world: AskWorld = askWorld(host),
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
        // whoever does not count may have read more than is to be seen
        const cost = failure === null && counts.origin !== "reported" ? most : costOfTokens(price, counts);
        const open = reservation;
        const source = `${endpoint.model} at ${placeOf(endpoint.url)}, ${price.source}, ${request.slice(0, 16)}`;
        const payment = { reservation: open, cost, used: counts.promptTokens, source, ms: world.now() };
        await writeSurely(write, world, (transaction) => pay(transaction, runId, payment));
        reservation = null;
        paid += cost;
      };
      const before = async (): Promise<void> => {
        const about = { cap, purse, endpoint, runId };
        reservation = await setAside(about, { write, holder, world }, request, most);
      };
      return (await asker.embed(texts, host.signal, { before, after })).vectors;
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
 * Sets the most that a request can cost aside; `null` where all is free.
 *
 * @throws {TunewiseError} `ASK_BUDGET_SPENT`
 */
async function setAside(
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
  const expiresMs = nowMs + endpoint.timeoutSeconds * 1000 * wholeTimes + slackMs;
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
      await chargeReserved(transaction, runId, { reservation: reserved.number, microUsd: most, ms: nowMs });
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

/** What a reservation is for. */
function requestOf(endpoint: Endpoint, texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(vectorKey(endpoint, text));
  return hash.digest("hex");
}
