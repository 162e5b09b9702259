/**
 * @file Compares greedy answers of conversations whose prompts are the same. Pure.
 *
 * Two tokens of nearly equal probability change places when weights are rounded. A divergence counts only where the
 * margin of our token over the second likeliest exceeds the numeric noise of the runtime.
 */
import { isSamePrompt } from "./compare-prompts.ts";
import { type Difference, differenceOf, excerpt, type FirstDifference, firstIndex } from "./differences.ts";
import type { Expected, ExpectedAnswer } from "./expected.ts";
import type { ProbeReply, RuntimeAnswer } from "./probe.ts";

/**
 * The margin, in nats, that a divergence must exceed: eight times the noise of a log probability. A margin is the
 * difference of two of them.
 *
 * @param rootMeanSquare distance of log probabilities after whole prompts; `null` if the runtime shows none, whose
 *   noise may then be that of any type
 * @source docs/exports.md, "Limits of verify"
 */
export function answerMargin(rootMeanSquare: number | null): number {
  return rootMeanSquare === null ? 1 : Math.max(0.05, 8 * rootMeanSquare);
}

/** How greedy answers compare. */
export interface AnswerComparison {
  readonly differences: readonly Difference[];
  /** Identical answers, and those that diverge at a near tie, of those compared; `null` without answers. */
  readonly sameAnswers: { readonly count: number; readonly nearTies: number; readonly of: number } | null;
}

/** Compares the answers. @param margin in nats, of `answerMargin` */
export function compareAnswers(
  { prompts, answers, ...begin }: Expected,
  { prompts: found, answers: given }: Pick<ProbeReply, "prompts" | "answers">,
  margin: number,
): AnswerComparison {
  if (given === null) return { differences: [], sameAnswers: null };
  const compared = answers.flatMap((answer, at) => {
    const [prompt, own, theirs] = [prompts[at], found[at], given[at] ?? null];
    if (prompt === undefined || own === undefined || theirs === null) return [];
    return isSamePrompt(prompt, own, begin) ? [divergenceOf(answer, theirs, at + 1)] : [];
  });
  const diverging = compared.filter((one) => one !== null);
  const certain = diverging.filter((one) => one.margin > margin);
  const differences = (["stop", "answer"] as const).flatMap((kind) => {
    const own = certain.filter(({ isAtEnd }) => isAtEnd === (kind === "stop"));
    const [one] = own;
    if (one === undefined) return [];
    return [differenceOf(kind, { count: own.length, of: compared.length, first: one.first })];
  });
  const count = compared.length - diverging.length;
  return {
    differences,
    sameAnswers: { count, nearTies: diverging.length - certain.length, of: compared.length },
  };
}

interface Divergence {
  readonly first: FirstDifference;
  readonly margin: number;
  /** Whether our answer ends there and the other goes on. */
  readonly isAtEnd: boolean;
}

function divergenceOf(ours: ExpectedAnswer, theirs: RuntimeAnswer, number: number): Divergence | null {
  const token = "ids" in theirs ? firstIndex(ours.ids, theirs.ids) : tokenOf(ours, theirs.text);
  const isWhole = token === ours.ids.length;
  const isOver = "ids" in theirs ? theirs.ids.length === token : theirs.text === ours.text;
  if (isWhole && isOver && (!("text" in theirs) || theirs.isEnded || !ours.isEnded)) return null;
  // an answer that ours is the beginning of, and that only the limit of tokens cut
  if (isWhole && !ours.isEnded) return null;
  const start = ours.lengths[token - 1] ?? 0;
  const found =
    "ids" in theirs ? `ids ${theirs.ids.slice(token, token + 8).join(" ")}` : theirs.text.slice(start);
  return {
    margin: ours.margins[token] ?? Number.POSITIVE_INFINITY,
    isAtEnd: isWhole,
    first: {
      number,
      byte: Buffer.byteLength(ours.text.slice(0, start)),
      token,
      expected: isWhole ? "the end" : excerpt(ours.text.slice(start)),
      found: isOver ? (isWhole ? "no end" : "the end") : excerpt(found),
    },
  };
}

/** The number of our tokens that a text begins with. */
function tokenOf({ text, lengths, ids }: ExpectedAnswer, found: string): number {
  const at = firstIndex(text, found);
  if (at === text.length) return ids.length;
  const token = lengths.findIndex((length) => length > at);
  return token < 0 ? ids.length : token;
}
