/**
 * @file Arms that models behind APIs answer: asked through the payer, so that nothing is paid twice or beyond the cap.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { AskedQuestion } from "../../ask/index.ts";
import type { Arm, ArmLine } from "../../baselines/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { dollars, type Usd } from "../../quantity/index.ts";
import type { EndpointSection, Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import { type Database, openDatabase, storePath } from "../../track/index.ts";
import {
  costOfTokens,
  type KeptAnswer,
  type LeaseOwner,
  leaseOwnerOf,
  type MeteredClient,
  openMeteredClient,
  type TokenPrice,
} from "../metered-client/index.ts";
import type { AnswerQuestions, ArmQuestion, GeneratedAnswer } from "./answer-questions.ts";
import { askedEndpoint } from "./asked-endpoint.ts";

/** Asks APIs for the arms that want them. */
export interface ApiModel {
  readonly speak: AnswerQuestions;
  /** Whether any arm asks one. */
  readonly isNeeded: boolean;
  /** What questions will cost in dollars, expected and at most; kept answers cost nothing. */
  price(
    arm: Arm,
    questions: readonly ArmQuestion[],
  ): Promise<{ readonly expected: number; readonly most: number }>;
  /** Charges a run for what is asked from now on. */
  chargeTo(runId: string): void;
  /** What was paid since the last call, failed tries included. */
  takePaid(): Usd;
  close(): Promise<void>;
}

/** One endpoint with its price. */
interface Desk {
  readonly payer: MeteredClient;
  readonly price: TokenPrice;
}

interface ApiModelNeeds {
  readonly lines: readonly ArmLine[];
  readonly recipe: Recipe;
  readonly output: string;
  /** Folder of the recipe, where a price file may lie. */
  readonly folder: string;
  readonly host: Host;
}

/**
 * Opens the endpoints of all lines; nothing is asked yet.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_ADDRESS_INVALID`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function openApiModel(needs: ApiModelNeeds): Promise<ApiModel> {
  const { lines, recipe, output, host } = needs;
  const endpoints = lines.flatMap(({ candidates: [{ endpoint }] }) => endpoint ?? []);
  if (endpoints.length === 0) return silent;
  await mkdir(output, { recursive: true });
  const database = await openDatabase(storePath(output));
  try {
    const holder = await leaseOwnerOf(host.processes, randomUUID());
    const desks = new Map<string, Desk>();
    for (const endpoint of endpoints) {
      const key = deskKey(endpoint);
      if (!desks.has(key)) desks.set(key, await openDesk(endpoint, needs, database, holder));
    }
    const deskOf = ({ endpoint }: Arm): Desk => desks.get(deskKey(endpoint as EndpointSection)) as Desk;
    return {
      isNeeded: true,
      speak: async (arm, questions) => {
        const asking = questions.map((question) => askOne(deskOf(arm), questionFor(recipe, question), host));
        // all are waited for: what is in flight is paid and written down before a failure is told of
        return settledAll(await Promise.allSettled(asking));
      },
      chargeTo: (runId) => {
        for (const { payer } of desks.values()) payer.chargeTo(runId);
      },
      takePaid: () => [...desks.values()].reduce((sum, { payer }) => sum + payer.takePaid(), 0) as Usd,
      price: async (arm, questions) => {
        const asked = questions.map((question) => questionFor(recipe, question));
        const { price, most } = await deskOf(arm).payer.expectedPrice(asked);
        return { expected: dollars(price.expected), most: dollars(most) };
      },
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const silent: ApiModel = {
  isNeeded: false,
  speak: async () => [],
  price: async () => ({ expected: 0, most: 0 }),
  chargeTo: () => undefined,
  takePaid: () => 0 as Usd,
  close: async () => undefined,
};

/** Results of all, or the first failure. */
export function settledAll<Result>(all: readonly PromiseSettledResult<Result>[]): Result[] {
  return all.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

async function openDesk(
  section: EndpointSection,
  needs: ApiModelNeeds,
  database: Database,
  holder: LeaseOwner,
): Promise<Desk> {
  const asked = await askedEndpoint(section, needs);
  return { payer: openMeteredClient(asked, database, holder, needs.host), price: asked.price };
}

/** A failed question is an answer that says nothing, so that one broken row does not end a try; a spent cap does. */
async function askOne({ payer, price }: Desk, question: AskedQuestion, host: Host): Promise<GeneratedAnswer> {
  try {
    const { answer, isKept, cost } = await payer.ask(question);
    const { text, promptTokens, answerTokens, seconds } = answer;
    // what a kept answer costs whoever asks it anew
    const microUsd = isKept ? costOfTokens(price, answer) : cost;
    return {
      ...{ answer: text.trim(), promptTokens, answerTokens, seconds, microUsd, isKept },
      ...{ paidMicroUsd: isKept ? 0 : cost, remarks: remarksOn(answer), failed: null },
    };
  } catch (error) {
    const isOneRow =
      TunewiseError.is(error) && (error.code === "ASK_NO_ANSWER" || error.code === "ASK_REFUSED");
    if (host.signal.aborted || !isOneRow) throw error;
    const nothing = { promptTokens: 0, answerTokens: 0, seconds: 0, microUsd: 0, paidMicroUsd: 0 };
    return { answer: "", ...nothing, isKept: false, remarks: [], failed: reasonOf(error) };
  }
}

/** Why there is no answer, in the endpoint's words: which endpoint that is, the arm says. */
export function reasonOf({ about, message }: TunewiseError): string {
  const { reason } = about;
  return typeof reason === "string" && reason !== "" ? reason : message;
}

/** What a reader of the scores must know about an answer. */
function remarksOn({ isOtherModel, model, finish, usage, leftOut }: KeptAnswer): string[] {
  return [
    ...(isOtherModel ? [`answered by ${model}, which was not asked`] : []),
    ...(finish === "length" ? ["cut off at the longest answer"] : []),
    ...(finish === "filter" ? ["held back by a filter"] : []),
    ...(usage === "estimated" ? ["tokens not counted by the endpoint, so estimated"] : []),
    ...leftOut.map((setting) => `${setting} refused by the endpoint, so left out`),
  ];
}

function questionFor({ evaluation, training }: Recipe, { messages }: ArmQuestion): AskedQuestion {
  const { maxNewTokens, temperature, topP } = evaluation;
  return {
    messages: messages.map(({ role, content }) => ({ role: role === "tool" ? "user" : role, content })),
    ...{ maxTokens: maxNewTokens, temperature, topP: topP === 1 ? null : topP },
    ...{ seed: training.seed, stop: [] },
  };
}

function deskKey({ url, model, key, style }: EndpointSection): string {
  return JSON.stringify([url, model, key, style]);
}
