/** @file LLM judge behind an API. It compares each answer with the reference in both orders. */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dollars, type Usd } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { answerOf, transcriptOf } from "@tunewise/datacheck/dataset";
import { openDatabase, storePath } from "@tunewise/tracker";
import type { CompletionRequest } from "../../ask/index.ts";
import { type JudgedPair, type PositionVerdict, pairwisePrompts, readVerdict } from "../../evaluate/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { JudgeSection, Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { leaseOwnerOf, type MeteredClient, openMeteredClient } from "../metered-client/index.ts";
import { reasonOf, resolveEndpoint, settledAll } from "./api-answers.ts";

/** An open judge. */
export interface Judge {
  /** Cost in dollars to judge that many answers, estimated with these rows' references as answers. */
  price(
    rows: readonly Example[],
    answers: number,
  ): Promise<{ readonly expected: number; readonly most: number }>;
  /** Judges answers to these rows. An answer equal to its reference is a tie and needs no request. */
  judge(rows: readonly Example[], answers: readonly string[]): Promise<JudgedBatch>;
  /** Charges all later requests to a run. */
  chargeTo(runId: string): void;
  close(): Promise<void>;
}

/** Verdicts on some answers, and the amount paid for them. */
export interface JudgedBatch {
  readonly verdicts: readonly BothOrders[];
  /** For each pair, the reason why it has no verdicts, or `null`. */
  readonly failed: readonly (string | null)[];
  readonly paidUsd: Usd;
}

/** Verdicts with the answer first and with the reference first. */
export type BothOrders = readonly [ab: PositionVerdict | null, ba: PositionVerdict | null];

/** Default criteria for recipes without their own. */
export const defaultCriteria = "the right answer to the question, complete, and no more than was asked";

/** Token limit of a verdict, including reasoning before it. */
const verdictTokens = 512;

interface JudgeInput {
  readonly recipe: Recipe;
  readonly output: string;
  /** The recipe's folder. */
  readonly folder: string;
  readonly runtime: Runtime;
}

/**
 * Opens the recipe's judge without sending a request. Returns `null` if the recipe has none.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_ADDRESS_INVALID`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function openJudge(needs: JudgeInput): Promise<Judge | null> {
  const { recipe, output, runtime } = needs;
  const section = recipe.decision.judge;
  if (section === null) return null;
  await mkdir(output, { recursive: true });
  const database = await openDatabase(storePath(output));
  try {
    const asked = await resolveEndpoint(section.endpoint, needs);
    const client = openMeteredClient(
      asked,
      database,
      await leaseOwnerOf(runtime.processes, randomUUID()),
      runtime,
    );
    return {
      price: async (rows, answers) => {
        const questions = rows.flatMap((row) => bothOrders(pairOf(row, answerOf(row)), section, recipe));
        const { price, most } = await client.expectedPrice(questions, 16);
        const times = answers / Math.max(1, rows.length);
        return { expected: dollars(price.expected) * times, most: dollars(most) * times };
      },
      judge: (rows, answers) => judgeAll(client, rows, answers, section, needs),
      chargeTo: (runId) => client.chargeTo(runId),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function judgeAll(
  client: MeteredClient,
  rows: readonly Example[],
  answers: readonly string[],
  section: JudgeSection,
  { recipe, runtime }: JudgeInput,
): Promise<JudgedBatch> {
  const ask = async (question: CompletionRequest): Promise<OrderResult> => {
    try {
      const { answer } = await client.ask(question);
      return { verdict: readVerdict(answer.text), failed: null };
    } catch (error) {
      // a single pair without a verdict does not end a try, but a spent budget does
      const isOnePair =
        TunewiseError.is(error) && (error.code === "ASK_NO_ANSWER" || error.code === "ASK_REFUSED");
      if (runtime.signal.aborted || !isOnePair) throw error;
      return { verdict: null, failed: reasonOf(error) };
    }
  };
  const judging = rows.map(async (row, at): Promise<readonly [OrderResult, OrderResult]> => {
    const pair = pairOf(row, answers[at] ?? "");
    if (pair.answerA.trim() === pair.answerB.trim()) return [tie, tie];
    const [ab, ba] = bothOrders(pair, section, recipe);
    // wait for both orders and all pairs, so that requests in flight are paid and recorded before a failure is thrown
    const [one, two] = settledAll(await Promise.allSettled([ask(ab), ask(ba)]));
    return [one as OrderResult, two as OrderResult];
  });
  const pairs = settledAll(await Promise.allSettled(judging));
  return {
    verdicts: pairs.map(([ab, ba]): BothOrders => [ab.verdict, ba.verdict]),
    failed: pairs.map(([ab, ba]) => ab.failed ?? ba.failed),
    paidUsd: client.takePaid(),
  };
}

/** Result of one order of a pair. */
interface OrderResult {
  readonly verdict: PositionVerdict | null;
  /** Why there is no verdict; `null` if there is one. */
  readonly failed: string | null;
}

const tie: OrderResult = { verdict: "tie", failed: null };

/** Passes the reference as the second answer, so that the judge cannot tell which one was expected. */
function pairOf(row: Example, answer: string): JudgedPair {
  return { question: transcriptOf(row), answerA: answer, answerB: answerOf(row), reference: null };
}

function bothOrders(
  pair: JudgedPair,
  { criteria }: JudgeSection,
  recipe: Recipe,
): [CompletionRequest, CompletionRequest] {
  const [ab, ba] = pairwisePrompts(pair, criteria ?? defaultCriteria).map(
    (content): CompletionRequest => ({
      messages: [{ role: "user", content }],
      maxTokens: verdictTokens,
      temperature: 0,
      topP: null,
      seed: recipe.training.seed,
      stop: [],
    }),
  );
  return [ab, ba] as [CompletionRequest, CompletionRequest];
}
