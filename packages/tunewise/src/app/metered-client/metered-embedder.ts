/**
 * @file Embeddings from a paid API. Reserves the maximum cost of each request before sending it.
 *
 * Unlike answers, embeddings are cached by the caller, in the file where the index needs them. A kill loses only the
 * requests in flight.
 */
import { createHash } from "node:crypto";
import { tokens, type Usd } from "@tunewise/core/quantity";
import type { Database } from "@tunewise/tracker";
import {
  type AskWorld,
  createAsker,
  type Endpoint,
  estimateTokens,
  maxTextTokens,
  placeOf,
  vectorKey,
} from "../../ask/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { askWorld } from "./open-endpoint.ts";
import { type AccountOptions, type LeaseOwner, SpendingAccount } from "./spending-account.ts";
import { costOfTokens } from "./token-price.ts";

/** Embeds texts with one endpoint and pays from one account. */
export interface MeteredEmbedder {
  /** Address and model, which identify the embeddings. */
  readonly name: string;
  readonly textsOfRequest: number;
  readonly concurrency: number;
  /**
   * Embeds the texts of one request, in order.
   *
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`, and those of `Asker.embed` and the store
   */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Expected and maximum cost of texts, without sending a request. */
  expectedPrice(texts: readonly string[]): { readonly expected: Usd; readonly most: Usd };
  /** Charges all later requests to a run. */
  chargeTo(runId: string): void;
  /** Returns the amount paid since the last call, including failed attempts. */
  takePaid(): Usd;
}

/** Texts per request. Far below the APIs' limit of 2,048, because a failed request is paid again. */
const textsOfRequest = 64;

/**
 * Opens a metered embedder without sending a request.
 *
 * @throws {TunewiseError} as `createAsker`
 */
export function openMeteredEmbedder(
  options: AccountOptions,
  database: Database,
  owner: LeaseOwner,
  runtime: Pick<Runtime, "now" | "random" | "signal">,
  world: AskWorld = askWorld(runtime),
): MeteredEmbedder {
  const { endpoint, price } = options;
  const account = new SpendingAccount(options, price.inputUsd === 0, database, owner, world);
  const asker = createAsker(endpoint, world);
  const costOf = (count: number): Usd => {
    const counts = { promptTokens: tokens(count), cachedPromptTokens: tokens(0), answerTokens: tokens(0) };
    return costOfTokens(price, counts);
  };
  return {
    name: `${endpoint.style} ${placeOf(endpoint.url)} ${endpoint.model}`,
    textsOfRequest,
    concurrency: endpoint.concurrency,
    embed: async (texts) => {
      const most = costOf(maxTextTokens(texts));
      const request = requestOf(endpoint, texts);
      let reservation: number | null = null;
      const { vectors } = await asker.embed(texts, runtime.signal, {
        before: async () => {
          reservation = (await account.reserve(request, most)) as number | null;
        },
        after: async ({ counts, failure }) => {
          // an endpoint that reports no counts may have read more tokens than estimated
          const cost = failure === null && counts.origin !== "reported" ? most : costOfTokens(price, counts);
          await account.pay({ request, reservation, cost, used: counts.promptTokens });
          reservation = null;
        },
      });
      return vectors;
    },
    expectedPrice: (texts) => ({
      expected: costOf(texts.reduce((sum, text) => sum + estimateTokens(text), 0)),
      most: costOf(maxTextTokens(texts)),
    }),
    chargeTo: (runId) => account.chargeTo(runId),
    takePaid: () => account.takePaid(),
  };
}

/** Key of a request, used for its reservation. */
function requestOf(endpoint: Endpoint, texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(vectorKey(endpoint, text));
  return hash.digest("hex");
}
