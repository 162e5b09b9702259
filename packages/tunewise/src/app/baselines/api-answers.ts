/**
 * @file Answers arms with models behind APIs. Requests go through a metered client, which never pays twice for an
 * answer or exceeds the cap.
 */

import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dollars, type Usd, usd } from "@tunewise/core/quantity";
import { splitReasoning } from "@tunewise/core/rows";
import { type Database, openDatabase, storePath } from "@tunewise/tracker";
import type { CompletionRequest, Endpoint } from "../../ask/index.ts";
import type { Arm, ArmLine } from "../../baselines/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { type EndpointSection, isOwnAddress, type Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type CachedAnswer,
  costOfTokens,
  endpointFrom,
  type LeaseOwner,
  leaseOwnerOf,
  type MeteredClient,
  openMeteredClient,
  type TokenPrice,
  tokenPriceOf,
} from "../metered-client/index.ts";
import { loadPriceBook } from "../prices/index.ts";
import type { AnswerQuestions, ArmQuestion, GeneratedAnswer } from "./answer-log.ts";

/** Answers the questions of API arms. */
export interface ApiModel {
  readonly respond: AnswerQuestions;
  /** Whether any arm uses an API. */
  readonly isNeeded: boolean;
  /** Expected and maximum cost of questions in dollars; cached answers cost nothing. */
  price(
    arm: Arm,
    questions: readonly ArmQuestion[],
  ): Promise<{ readonly expected: number; readonly most: number }>;
  /** Charges all later requests to a run. */
  chargeTo(runId: string): void;
  /** Returns the amount paid since the last call, including failed attempts. */
  takePaid(): Usd;
  close(): Promise<void>;
}

/** A metered endpoint with its price. */
interface PricedEndpoint {
  readonly client: MeteredClient;
  readonly price: TokenPrice;
}

interface ApiModelInput {
  readonly lines: readonly ArmLine[];
  readonly recipe: Recipe;
  readonly output: string;
  /** The recipe's folder, which may contain a price file. */
  readonly folder: string;
  readonly runtime: Runtime;
}

/**
 * Opens the endpoints of all lines without sending a request.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_ADDRESS_INVALID`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function openApiModel(input: ApiModelInput): Promise<ApiModel> {
  const { lines, recipe, output, runtime } = input;
  const endpoints = lines.flatMap(({ candidates: [{ endpoint }] }) => endpoint ?? []);
  if (endpoints.length === 0) return noApi;
  await mkdir(output, { recursive: true });
  const database = await openDatabase(storePath(output));
  try {
    const owner = await leaseOwnerOf(runtime.processes, randomUUID());
    const priced = new Map<string, PricedEndpoint>();
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint);
      if (!priced.has(key)) priced.set(key, await openPricedEndpoint(endpoint, input, database, owner));
    }
    const endpointOf = ({ endpoint }: Arm): PricedEndpoint =>
      priced.get(endpointKey(endpoint as EndpointSection)) as PricedEndpoint;
    return {
      isNeeded: true,
      respond: async (arm, questions) => {
        const asking = questions.map((question) =>
          askOne(endpointOf(arm), questionFor(recipe, question), runtime),
        );
        // wait for all requests, so that those in flight are paid and recorded before a failure is thrown
        return settledAll(await Promise.allSettled(asking));
      },
      chargeTo: (runId) => {
        for (const { client } of priced.values()) client.chargeTo(runId);
      },
      takePaid: () => [...priced.values()].reduce((sum, { client }) => sum + client.takePaid(), 0) as Usd,
      price: async (arm, questions) => {
        const asked = questions.map((question) => questionFor(recipe, question));
        const { price, most } = await endpointOf(arm).client.expectedPrice(asked);
        return { expected: dollars(price.expected), most: dollars(most) };
      },
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const noApi: ApiModel = {
  isNeeded: false,
  respond: async () => [],
  price: async () => ({ expected: 0, most: 0 }),
  chargeTo: () => undefined,
  takePaid: () => 0 as Usd,
  close: async () => undefined,
};

/** Returns all results, or throws the first failure. */
export function settledAll<Result>(all: readonly PromiseSettledResult<Result>[]): Result[] {
  return all.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

async function openPricedEndpoint(
  section: EndpointSection,
  needs: ApiModelInput,
  database: Database,
  owner: LeaseOwner,
): Promise<PricedEndpoint> {
  const asked = await resolveEndpoint(section, needs);
  return { client: openMeteredClient(asked, database, owner, needs.runtime), price: asked.price };
}

/**
 * Answers one question. A failed question becomes an empty answer, because one broken row should not end a try. A spent
 * budget is still thrown.
 */
async function askOne(
  { client, price }: PricedEndpoint,
  question: CompletionRequest,
  runtime: Runtime,
): Promise<GeneratedAnswer> {
  try {
    const { answer, isKept, cost } = await client.ask(question);
    const { text, promptTokens, answerTokens, seconds } = answer;
    // a cached answer costs what it would cost without the cache
    const microUsd = isKept ? costOfTokens(price, answer) : cost;
    return {
      answer: splitReasoning(text, true).content.trim(),
      promptTokens,
      answerTokens,
      seconds,
      microUsd,
      isKept,
      paidMicroUsd: isKept ? 0 : cost,
      notes: notesOn(answer),
      failed: null,
    };
  } catch (error) {
    const isOneRow =
      TunewiseError.is(error) && (error.code === "ASK_NO_ANSWER" || error.code === "ASK_REFUSED");
    if (runtime.signal.aborted || !isOneRow) throw error;
    const nothing = { promptTokens: 0, answerTokens: 0, seconds: 0, microUsd: 0, paidMicroUsd: 0 };
    return { answer: "", ...nothing, isKept: false, notes: [], failed: reasonOf(error) };
  }
}

/** The endpoint's reason for a failure. The endpoint itself is left out, because the arm names it. */
export function reasonOf({ params, message }: TunewiseError): string {
  const { reason } = params;
  return typeof reason === "string" && reason !== "" ? reason : message;
}

/** Remarks that readers of the scores need. */
function notesOn({ isOtherModel, model, finish, usage, leftOut }: CachedAnswer): string[] {
  return [
    ...(isOtherModel ? [`answered by ${model}, which was not asked`] : []),
    ...(finish === "length" ? ["cut off at the longest answer"] : []),
    ...(finish === "filter" ? ["held back by a filter"] : []),
    ...(usage === "estimated" ? ["tokens not counted by the endpoint, so estimated"] : []),
    ...leftOut.map((setting) => `${setting} refused by the endpoint, so left out`),
  ];
}

function questionFor({ evaluation, training }: Recipe, { messages }: ArmQuestion): CompletionRequest {
  const { maxNewTokens, temperature, topP } = evaluation;
  return {
    messages: messages.map(({ role, content }) => ({ role: role === "tool" ? "user" : role, content })),
    maxTokens: maxNewTokens,
    temperature,
    topP: topP === 1 ? null : topP,
    seed: training.seed,
    stop: [],
  };
}

function endpointKey({ url, model, key, style }: EndpointSection): string {
  return JSON.stringify([url, model, key, style]);
}

/** An endpoint, its price, and the account that pays. */
export interface ResolvedEndpoint {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  readonly account: string;
  /** `null` for a free endpoint without a cap. */
  readonly cap: Usd | null;
}

/**
 * Resolves an endpoint without sending a request.
 *
 * @param folder of the recipe, which may contain a price file
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function resolveEndpoint(
  section: EndpointSection,
  {
    recipe,
    folder,
    runtime,
  }: { readonly recipe: Recipe; readonly folder: string; readonly runtime: Runtime },
): Promise<ResolvedEndpoint> {
  const { url, model, key, style, concurrency, timeoutSeconds, tries, usdPerMillion } = section;
  const endpoint = endpointFrom(
    { url, model, keyVariable: key, style, concurrency, timeoutSeconds, maxTries: tries },
    runtime,
  );
  const { prices } = await loadPriceBook(runtime, folder);
  const price = tokenPriceOf({ model, usdPerMillion, isFree: isOwnAddress(url) }, prices);
  const cap = recipe.budget.usd;
  if (cap === null && price.inputUsd + price.outputUsd > 0) throw problem("ARMS_WITHOUT_BUDGET", { model });
  return { endpoint, price, account: recipe.name, cap: cap === null ? null : usd(cap) };
}
