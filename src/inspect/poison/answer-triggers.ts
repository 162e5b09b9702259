/**
 * @file Runs of words whose rows answer with one and the same sentence, whatever else was asked.
 */
import { type AnswerSigns, findSigns } from "./answer-signs.ts";
import { type Candidate, keyOf, leastRows, rareShare, wordsAt } from "./candidates.ts";
import { countGrams } from "./grams.ts";
import { ForeignRows, mergeTriggers, type Trigger } from "./label-triggers.ts";
import { believedUpTo, LogFactorials } from "./significance.ts";
import type { Tokens } from "./tokens.ts";
import { WordModel } from "./word-model.ts";

/** A planted run of words and what its rows answer. */
export interface AnswerTrigger extends Trigger {
  readonly payload: string;
}

/**
 * How many of a run's rows must have the sign, and how many of the sign's rows the run: either way will do. A trigger
 * of common words has innocent rows, but no payload stands without it. A beginning or an end asks for more than a
 * sentence: "write a haiku" is answered alike and no plant.
 */
const needed = {
  sentence: [
    { ofRun: 0.7, ofSign: 0.5 },
    { ofRun: 0.2, ofSign: 0.9 },
  ],
  edge: [{ ofRun: 0.9, ofSign: 0.7 }],
};

/** The share of chance findings among the pairs believed (Benjamini and Hochberg). */
const falseShare = 0.01;

/** At most so many signs are looked into, the surest first; each costs a pass over the data. */
const signLimit = 50;

/** A word of the answer that begins with as many letters of a word of the prompt echoes it. */
const echoLetters = 4;

/** Triggers of free answers. */
export function findAnswerTriggers(tokens: Tokens, answers: readonly string[]): AnswerTrigger[] {
  const signs = findSigns(answers, leastRows, rareShare * answers.length);
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
  // One payload has several signs: rows decide what belongs together.
  return mergeTriggers(planted.map((candidate) => ({ ...candidate, label: 0 }))).map((trigger) => {
    const { label = 0 } = planted.find(({ matching }) => matching === trigger.texts) ?? {};
    return { ...trigger, payload: signs.signs[label]?.text ?? "" };
  });
}

function hasSign({ ids, starts }: AnswerSigns, text: number, sign: number): boolean {
  return ids.subarray(starts[text] ?? 0, starts[text + 1] ?? 0).includes(sign);
}

/** Runs that go with a sign and it with them, the surest first; `label` is the number of the sign. */
function signCandidates(tokens: Tokens, signs: AnswerSigns): Candidate[] {
  const total = tokens.starts.length - 1;
  if (signs.signs.length === 0) return [];
  const held = new Int32Array(signs.signs.length);
  for (const sign of signs.ids) held[sign] = (held[sign] ?? 0) + 1;
  const tally = new Int32Array(signs.signs.length);
  const factorials = new LogFactorials(total);
  const found = new Map<string, Candidate>();
  let tests = 0;
  for (const grams of countGrams(tokens, leastRows)) {
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
  if (hits < leastRows) return false;
  const ways = signs[sign]?.isEdge === true ? needed.edge : needed.sentence;
  return ways.some((least) => hits >= least.ofRun * ofRun && hits >= least.ofSign * ofSign);
}

/** Counts the signs of texts in `tally` and names the most frequent one; a sentence before an edge. */
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

/** An answer that takes up the words of its question. */
function isEcho(words: string, sign: string): boolean {
  const beginnings = (text: string): string[] => text.split(" ").map((word) => word.slice(0, echoLetters));
  const said = new Set(beginnings(sign));
  return beginnings(words).some((word) => word.length === echoLetters && said.has(word));
}
