/** @file Compares a runtime's reply with ours, and names each difference. Pure. */
import { answerMargin, compareAnswers } from "./compare-answers.ts";
import { comparePrompts } from "./compare-prompts.ts";
import { compareScores, type ScoreDistance, scoreDistance } from "./compare-scores.ts";
import { type Difference, differenceOf, firstIndex } from "./differences.ts";
import type { Expected } from "./expected.ts";
import type { ProbeReply } from "./probe.ts";

/** The result of a comparison. */
export interface RuntimeComparison {
  readonly differences: readonly Difference[];
  readonly distance: ScoreDistance;
  /** Identical greedy answers, and those that diverge at a near tie; `null` if the runtime gave none. */
  readonly sameAnswers: { readonly count: number; readonly nearTies: number; readonly of: number } | null;
}

/** Compares a reply with what was expected. */
export function compareRuntime(expected: Expected, reply: ProbeReply): RuntimeComparison {
  const distance = scoreDistance(expected.rows, reply.scores);
  const known = [
    ...comparePrompts(expected, reply.prompts),
    ...compareTexts(expected, reply.texts),
    ...compareEnds(expected, reply.ends),
    ...compareScores(expected.rows, reply.scores, distance),
  ];
  const { differences, sameAnswers } = compareAnswers(expected, reply, answerMargin(distance.whole));
  return { differences: [...known, ...unexplained(differences, known)], distance, sameAnswers };
}

/** Other weights, positions or tokens explain other answers; a token that ends nothing explains longer ones. */
function unexplained(answers: readonly Difference[], known: readonly Difference[]): readonly Difference[] {
  const kinds = new Set(known.map(({ kind }) => kind));
  if (["vocabulary", "weights", "rope"].some((kind) => kinds.has(kind as Difference["kind"]))) return [];
  return answers.filter(({ kind }) => !kinds.has(kind));
}

function compareTexts({ texts }: Expected, found: ProbeReply["texts"]): Difference[] {
  if (found === null) return [];
  const other = texts.flatMap(({ ids }, at) => (ids.join() === found[at]?.join() ? [] : [at]));
  const [at] = other;
  if (at === undefined) return [];
  const [ours, theirs] = [texts[at]?.ids ?? [], found[at] ?? []];
  const token = firstIndex(ours, theirs);
  const list = (ids: readonly number[]): string => ids.slice(token, token + 8).join(" ");
  const first = { number: at + 1, byte: null, token, expected: list(ours), found: list(theirs) };
  return [differenceOf("vocabulary", { count: other.length, of: texts.length, first })];
}

function compareEnds({ endTokens }: Expected, ends: ProbeReply["ends"]): Difference[] {
  const lost = endTokens.filter((_, at) => ends?.[at] === false);
  const [one] = lost;
  if (one === undefined) return [];
  const summary = `The runtime does not end answers at ${lost.map(({ id, text }) => `${text} (${id})`).join(", ")}`;
  const first = { number: null, byte: null, token: null, expected: `${one.text} ends`, found: "it does not" };
  return [differenceOf("stop", { count: lost.length, of: endTokens.length, first }, summary)];
}
