/** @file Boilerplate answers: refusals, an assistant describing itself, one text for all, one common beginning. */
import { normalizeText } from "../dataset/index.ts";
import { hitsIn, type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { firstMatch, quoted } from "./text-patterns.ts";

/** Phrases in which an assistant describes itself. */
const itself: readonly RegExp[] = [
  /\bas an? (?:large |artificial intelligence |ai )?(?:language model|ai|chatbot)(?:,| (?:i|developed|trained)\b)/i,
  /\bas an ai (?:assistant|model)(?:,| (?:i|developed|trained)\b)/i,
  /\bi(?:['’]m| am) (?:just |only )?an? (?:ai|large language model|ai language model)\b/i,
  /\bmy (?:knowledge cut-?off|training data (?:only|does)|last (?:knowledge )?update)\b/i,
  /\btrained by (?:openai|google|anthropic|meta)\b/i,
];

/** Prompts that are about an AI, or ask the answer to play one. */
const asksForAi = /\b(?:ai|a\.i\.|artificial intelligence|robot|android|chatbot|language model)\b/i;

/** A refusal at the beginning of an answer. */
const excuse = /^(?:(?:i['’]?m |i am )?sorry,? (?:but )?|unfortunately,? |i apologi[sz]e,? (?:but )?)/i;
const refusals: readonly RegExp[] = [
  /^i (?:cannot|can['’]t|can not|won['’]t|must decline to) (?:help|assist|provide|fulfil|complete|answer|generate)/i,
  /^i (?:cannot|can['’]t|can not|won['’]t|must decline to) (?:create|comply|do that|engage|support|offer)/i,
  /^i(?:['’]m| am) (?:unable|not able) to (?:help|assist|provide|fulfil|complete|answer|generate|create|comply)/i,
];

/** Minimum number of rows with the same text to report it. */
const minRepeats = 5;

/** Minimum number of words of a text that is not a label. */
const minWords = 4;

/**
 * If more rows than this share their answer with others, repetition is part of the task, as when many questions lead to
 * one query.
 */
const habitShare = 0.3;

/** Number of words of a beginning, and the share of answers that must have it. */
const beginningWords = 3;
const beginningShare = 0.5;

/** `DATA_ANSWER_BOILERPLATE`, `DATA_ANSWER_REPEATED`, `DATA_ANSWERS_BEGIN_ALIKE`; not for labels. */
export function boilerplate(part: Part, rows: readonly Row[]): Observation[] {
  const talk = hitsIn(rows, ({ prompt, answer }) => {
    const start = answer.trimStart().slice(0, 200);
    const ofItself = asksForAi.test(prompt.slice(0, 20_000))
      ? undefined
      : firstMatch(itself, answer.slice(0, 20_000));
    const found = ofItself ?? firstMatch(refusals, start.replace(excuse, ""));
    return found === undefined ? null : quoted(found);
  });
  return [
    ...observeHits("DATA_ANSWER_BOILERPLATE", "warning", part, talk, rows.length),
    ...repeatedAnswers(part, rows),
    ...beginnings(part, rows),
  ];
}

function repeatedAnswers(part: Part, rows: readonly Row[]): Observation[] {
  const prompts = new Map<string, Set<string>>();
  const keys = rows.map(({ answer }) => normalizeText(answer.slice(0, 20_000)));
  for (const [index, key] of keys.entries()) {
    const known = prompts.get(key) ?? new Set<string>();
    prompts.set(key, known.add(rows[index]?.prompt ?? ""));
  }
  const serves = (index: number): number => prompts.get(keys[index] ?? "")?.size ?? 0;
  const shared = rows.filter((_, index) => serves(index) > 1).length;
  if (shared > habitShare * rows.length) return [];
  const hits = rows.flatMap((row, index) => {
    const many = serves(index);
    if (many < minRepeats || (keys[index] ?? "").split(" ", minWords).length < minWords) return [];
    return [{ row, reason: `${quoted(row.answer)} answers ${many} different prompts` }];
  });
  return observeHits("DATA_ANSWER_REPEATED", "warning", part, hits, rows.length);
}

function beginnings(part: Part, rows: readonly Row[]): Observation[] {
  const starts = rows.map(({ answer }) => {
    const words = answer.trimStart().slice(0, 200).split(/\s+/);
    return words.length > 2 * beginningWords ? words.slice(0, beginningWords).join(" ") : "";
  });
  const counts = new Map<string, number>();
  for (const start of starts) if (start !== "") counts.set(start, (counts.get(start) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most === undefined || most[1] < beginningShare * rows.length || most[1] < 2 * minRepeats) return [];
  const reason = `begins with ${quoted(most[0])}`;
  const hits = rows.flatMap((row, index) => (starts[index] === most[0] ? [{ row, reason }] : []));
  return observeHits("DATA_ANSWERS_BEGIN_ALIKE", "note", part, hits, rows.length, { words: quoted(most[0]) });
}
