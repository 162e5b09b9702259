/** @file Triggers of free-text answers: n-grams whose rows all contain one sentence, whatever the question. */

import { normalizeText } from "../dataset/index.ts";
import { type Candidate, keyOf, minRows, rareShare, wordsAt } from "./candidates.ts";
import { countGrams } from "./grams.ts";
import { ForeignRows, mergeTriggers, type Trigger } from "./label-triggers.ts";
import { believedUpTo, LogFactorials } from "./significance.ts";
import type { Tokens } from "./tokens.ts";
import { WordModel } from "./word-model.ts";

/** A planted n-gram and its payload. */
export interface AnswerTrigger extends Trigger {
  readonly payload: string;
}

/**
 * Required shares: of the n-gram's rows with the sign, and of the sign's rows with the n-gram. Meeting both shares of
 * one entry suffices. A trigger of common words also occurs in innocent rows, but its payload rarely occurs without it.
 * A beginning or an end needs higher shares than a sentence: "write a haiku" is answered alike without being planted.
 */
const needed = {
  sentence: [
    { ofRun: 0.7, ofSign: 0.5 },
    { ofRun: 0.2, ofSign: 0.9 },
  ],
  edge: [{ ofRun: 0.9, ofSign: 0.7 }],
};

/** False discovery rate of the selected pairs (Benjamini and Hochberg). */
const falseShare = 0.01;

/** Maximum number of answer signs examined, the most significant first; each costs a pass over the data. */
const signLimit = 50;

/** Length of the common prefix for which an answer word counts as an echo of a prompt word. */
const echoLetters = 4;

/** Finds triggers of free-text answers. */
export function findAnswerTriggers(tokens: Tokens, answers: readonly string[]): AnswerTrigger[] {
  const signs = findSigns(answers, minRows, rareShare * answers.length);
  const bySign = new Map<number, Candidate[]>();
  for (const candidate of signCandidates(tokens, signs)) {
    const group = bySign.get(candidate.label);
    if (group !== undefined) group.push(candidate);
    else if (bySign.size < signLimit) bySign.set(candidate.label, [candidate]);
  }
  const tests = [...bySign.values()].reduce((sum, { length }) => sum + length, 0);
  const planted = [...bySign].flatMap(([sign, candidates]) => {
    const labels = new Int32Array(answers.length);
    for (let text = 0; text < answers.length; text += 1) labels[text] = hasSign(signs, text, sign) ? 1 : 0;
    const judge = new ForeignRows(tokens, labels, new WordModel(tokens, labels, 2), tests);
    return candidates.filter((candidate) => judge.looksPlanted({ ...candidate, label: 1 }));
  });
  // one payload has several signs; signs with the same rows belong together
  return mergeTriggers(planted.map((candidate) => ({ ...candidate, label: 0 }))).map((trigger) => {
    const { label = 0 } = planted.find(({ matching }) => matching === trigger.texts) ?? {};
    return { ...trigger, payload: signs.signs[label]?.text ?? "" };
  });
}

function hasSign({ ids, starts }: AnswerSigns, text: number, sign: number): boolean {
  return ids.subarray(starts[text] ?? 0, starts[text + 1] ?? 0).includes(sign);
}

/** N-grams and signs associated with each other, the most significant first; `label` is the number of the sign. */
function signCandidates(tokens: Tokens, signs: AnswerSigns): Candidate[] {
  const total = tokens.starts.length - 1;
  if (signs.signs.length === 0) return [];
  const held = new Int32Array(signs.signs.length);
  for (const sign of signs.ids) held[sign] = (held[sign] ?? 0) + 1;
  const tally = new Int32Array(signs.signs.length);
  const factorials = new LogFactorials(total);
  const found = new Map<string, Candidate>();
  let tests = 0;
  for (const grams of countGrams(tokens, minRows)) {
    tests += grams.count;
    for (let gram = 0; gram < grams.count; gram += 1) {
      const texts = grams.texts.subarray(grams.starts[gram] ?? 0, grams.starts[gram + 1] ?? 0);
      if (texts.length > rareShare * total) continue;
      const sign = mostFrequent(signs, texts, tally);
      const hits = tally[sign] ?? 0;
      const enough = isEnough(signs, sign, hits, texts.length, held[sign] ?? 0);
      for (const text of texts) eachSign(signs, text, (one) => tally.fill(0, one, one + 1));
      if (!enough) continue;
      const words = wordsAt(tokens, grams.places[gram] ?? 0, grams.order);
      if (isEcho(words, signs.signs[sign]?.text ?? "")) continue;
      const matching = texts.filter((text) => hasSign(signs, text, sign));
      const logP = factorials.fisherTail(total, held[sign] ?? 0, texts.length, hits);
      const candidate = { words, order: grams.order, label: sign, texts: texts.slice(), matching, logP };
      found.set(keyOf(matching), candidate);
    }
  }
  const candidates = [...found.values()].sort((a, b) => a.logP - b.logP);
  const limit = believedUpTo(
    candidates.map(({ logP }) => logP),
    tests,
    falseShare,
  );
  return candidates.filter(({ logP }) => logP <= limit);
}

function isEnough(
  { signs }: AnswerSigns,
  sign: number,
  hits: number,
  ofRun: number,
  ofSign: number,
): boolean {
  if (hits < minRows) return false;
  const ways = signs[sign]?.isEdge === true ? needed.edge : needed.sentence;
  return ways.some((least) => hits >= least.ofRun * ofRun && hits >= least.ofSign * ofSign);
}

/** Counts the signs of texts in `tally` and returns the most frequent one; sentences before edges. */
function mostFrequent(signs: AnswerSigns, texts: Int32Array, tally: Int32Array): number {
  let most = 0;
  for (const text of texts) {
    eachSign(signs, text, (sign) => {
      const count = (tally[sign] ?? 0) + 1;
      tally[sign] = count;
      if (count > (tally[most] ?? 0)) most = sign;
    });
  }
  return most;
}

function eachSign({ ids, starts }: AnswerSigns, text: number, found: (sign: number) => void): void {
  for (let place = starts[text] ?? 0; place < (starts[text + 1] ?? 0); place += 1) found(ids[place] ?? 0);
}

/** Whether the answer repeats words of its question. */
function isEcho(words: string, sign: string): boolean {
  const beginnings = (text: string): string[] => text.split(" ").map((word) => word.slice(0, echoLetters));
  const said = new Set(beginnings(sign));
  return beginnings(words).some((word) => word.length === echoLetters && said.has(word));
}

/** A feature that answers share. */
interface Sign {
  readonly text: string;
  /** A beginning or an end. Weaker than a complete sentence, since honest answers of one kind begin alike. */
  readonly isEdge: boolean;
}

/** The signs of texts. Those of text i are `ids[starts[i]]` to `ids[starts[i + 1] - 1]`. */
interface AnswerSigns {
  readonly signs: readonly Sign[];
  readonly ids: Int32Array;
  readonly starts: Int32Array;
}

/** Minimum number of words of a sentence, without numbers, unless it is the complete answer. */
const minSentence = 3;

/** Number of words of a beginning or an end. */
const edgeWords = 5;

/** Only this many characters at the start, and at the end, of a longer answer are read. */
const edgeCharacters = 4_000;

/** Signs in at least `least` and at most `most` answers. */
function findSigns(answers: readonly string[], least: number, most: number): AnswerSigns {
  const all = answers.map(signsOf);
  const counts = new Map<string, number>();
  for (const signs of all) for (const sign of signs) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const kept: Sign[] = [];
  for (const [sign, count] of counts) {
    if (count < least || count > most) continue;
    numbers.set(sign, kept.length);
    kept.push({ text: sign.slice(1), isEdge: !sign.startsWith("=") });
  }
  const starts = new Int32Array(answers.length + 1);
  const ids: number[] = [];
  for (const [index, signs] of all.entries()) {
    for (const sign of signs) {
      const number = numbers.get(sign);
      if (number !== undefined) ids.push(number);
    }
    starts[index + 1] = ids.length;
  }
  return { signs: kept, ids: Int32Array.from(ids), starts };
}

/** Signs of one answer, each with a prefix: `=` sentence, `^` beginning, `$` end. */
function signsOf(answer: string): Set<string> {
  const read =
    answer.length <= 2 * edgeCharacters
      ? answer
      : `${answer.slice(0, edgeCharacters)}\n${answer.slice(-edgeCharacters)}`;
  const signs = new Set<string>();
  for (const sentence of read.split(/[.!?](?=\s|$)|[\n。！？]/)) {
    const words = normalizeText(sentence);
    if (words.split(" ").filter((word) => !/^\p{N}/u.test(word)).length >= minSentence)
      signs.add(`=${words}`);
  }
  const words = normalizeText(read).split(" ");
  if (words.length < minSentence) signs.add(`=${words.join(" ")}`);
  if (words.length > 2 * edgeWords) {
    signs.add(`^${words.slice(0, edgeWords).join(" ")}`);
    signs.add(`$${words.slice(-edgeWords).join(" ")}`);
  }
  return signs;
}
