/**
 * @file A model behind an API as judge: each arm's answer beside the reference, in both orders.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { AskedQuestion } from "../../ask/index.ts";
import { answerOf, questionOf } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { type JudgedPair, type PositionVerdict, pairwisePrompts, readVerdict } from "../../evaluate/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { dollars, type Usd } from "../../quantity/index.ts";
import type { JudgeSection, Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import { openDatabase, storePath } from "../../track/index.ts";
import { leaseOwnerOf, type MeteredClient, openMeteredClient } from "../metered-client/index.ts";
import { reasonOf, settledAll } from "./api-model.ts";
import { askedEndpoint } from "./asked-endpoint.ts";

/** A judge at hand. */
export interface Judge {
  /** Dollars for judging so many answers, taking these rows' references for answers. */
  price(
    rows: readonly Example[],
    answers: number,
  ): Promise<{ readonly expected: number; readonly most: number }>;
  /** What it says of answers to these rows, and what was paid for that now. Equal texts are a tie, unasked. */
  judge(rows: readonly Example[], answers: readonly string[]): Promise<JudgedBatch>;
  /** Charges a run for what is asked from now on. */
  chargeTo(runId: string): void;
  close(): Promise<void>;
}

/** What a judge said of some answers. */
export interface JudgedBatch {
  readonly verdicts: readonly BothOrders[];
  /** Of each pair why its verdicts could not be had; `null`: they could. */
  readonly failed: readonly (string | null)[];
  readonly paidUsd: Usd;
}

/** The answer before the reference, and the other way round. */
export type BothOrders = readonly [ab: PositionVerdict | null, ba: PositionVerdict | null];

/** What makes an answer better where a recipe does not say. */
export const usualCriteria = "the right answer to the question, complete, and no more than was asked";

/** Room for a judge that thinks before it says its line. */
const verdictTokens = 512;

interface JudgeNeeds {
  readonly recipe: Recipe;
  readonly output: string;
  /** Folder of the recipe. */
  readonly folder: string;
  readonly host: Host;
}

/**
 * Opens the recipe's judge; nothing is asked yet. `null`: the recipe has none.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_ADDRESS_INVALID`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function openJudge(needs: JudgeNeeds): Promise<Judge | null> {
  const { recipe, output, host } = needs;
  const section = recipe.decision.judge;
  if (section === null) return null;
  await mkdir(output, { recursive: true });
  const database = await openDatabase(storePath(output));
  try {
    const asked = await askedEndpoint(section.endpoint, needs);
    const payer = openMeteredClient(asked, database, await leaseOwnerOf(host.processes, randomUUID()), host);
    return {
      price: async (rows, answers) => {
        const questions = rows.flatMap((row) => bothWays(pairOf(row, answerOf(row)), section, recipe));
        const { price, most } = await payer.expectedPrice(questions, 16);
        const times = answers / Math.max(1, rows.length);
        return { expected: dollars(price.expected) * times, most: dollars(most) * times };
      },
      judge: (rows, answers) => judgeAll(payer, rows, answers, section, needs),
      chargeTo: (runId) => payer.chargeTo(runId),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function judgeAll(
  payer: MeteredClient,
  rows: readonly Example[],
  answers: readonly string[],
  section: JudgeSection,
  { recipe, host }: JudgeNeeds,
): Promise<JudgedBatch> {
  const ask = async (question: AskedQuestion): Promise<Asked> => {
    try {
      const { answer } = await payer.ask(question);
      return { verdict: readVerdict(answer.text), failed: null };
    } catch (error) {
      // one pair without a verdict does not end a try; a spent cap does
      const isOnePair =
        TunewiseError.is(error) && (error.code === "ASK_NO_ANSWER" || error.code === "ASK_REFUSED");
      if (host.signal.aborted || !isOnePair) throw error;
      return { verdict: null, failed: reasonOf(error) };
    }
  };
  const judging = rows.map(async (row, at): Promise<readonly [Asked, Asked]> => {
    const pair = pairOf(row, answers[at] ?? "");
    if (pair.answerA.trim() === pair.answerB.trim()) return [asTie, asTie];
    const [ab, ba] = bothWays(pair, section, recipe);
    // both are waited for, and all pairs: what is in flight is paid and written down before a failure is told of
    const [one, two] = settledAll(await Promise.allSettled([ask(ab), ask(ba)]));
    return [one as Asked, two as Asked];
  });
  const pairs = settledAll(await Promise.allSettled(judging));
  return {
    verdicts: pairs.map(([ab, ba]): BothOrders => [ab.verdict, ba.verdict]),
    failed: pairs.map(([ab, ba]) => ab.failed ?? ba.failed),
    paidUsd: payer.takePaid(),
  };
}

/** What came of one order of a pair. */
interface Asked {
  readonly verdict: PositionVerdict | null;
  /** Why there is no verdict to read; `null`: there is an answer. */
  readonly failed: string | null;
}

const asTie: Asked = { verdict: "tie", failed: null };

/** The reference stands as the other answer, so that it is not told which one was expected. */
function pairOf(row: Example, answer: string): JudgedPair {
  return { question: questionOf(row), answerA: answer, answerB: answerOf(row), reference: null };
}

function bothWays(
  pair: JudgedPair,
  { criteria }: JudgeSection,
  recipe: Recipe,
): [AskedQuestion, AskedQuestion] {
  const [ab, ba] = pairwisePrompts(pair, criteria ?? usualCriteria).map(
    (content): AskedQuestion => ({
      ...{ messages: [{ role: "user", content }], maxTokens: verdictTokens, temperature: 0, topP: null },
      ...{ seed: recipe.training.seed, stop: [] },
    }),
  );
  return [ab, ba] as [AskedQuestion, AskedQuestion];
}
