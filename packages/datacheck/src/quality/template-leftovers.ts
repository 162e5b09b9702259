/**
 * @file Remains of templates and exports in rows: chat template markers, unfilled placeholders, printed null values.
 */
import { hitsIn, type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { firstMatch, looksLikeCode, quoted } from "./text-patterns.ts";

/** Complete markers of chat templates, which people do not write. */
const markers: readonly RegExp[] = [
  /<\|(?:im_start|im_end|im_sep|start_header_id|end_header_id|eot_id|eom_id)\|>/,
  /<\|(?:endoftext|begin_of_text|end_of_text|system|user|assistant|end|start|message|channel)\|>/,
  /\[\/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>|^<s>|<\/s>$|<｜(?:User|Assistant)｜>/,
  /^#{2,3} ?(?:Response|Instruction|Input|Human|Assistant):/m,
];

/** A conversation written out inside one answer. */
const otherTurn = /^(?:Human|User|USER|### ?Human): /m;
const ownTurn = /^(?:Assistant|AI|ASSISTANT|### ?Assistant): /m;

/** Placeholders that are unfilled in any context. */
const bracketed =
  /\[(?:insert|enter|fill in|placeholder|your) ?[a-z' ]{0,40}\]|\{\{ ?[a-z][\w ]{0,30} ?\}\}/i;

/** Placeholders such as `[your name]`, which are intended if the prompt requests a letter or a form. */
const own = /^\[your\b/i;
const form =
  /\b(?:e-?mails?|letters?|templates?|signatures?|r[e\u00e9]sum[e\u00e9]|cv|invitations?|forms?|contracts?|proposals?|memos?|messages?|application|speech)\b/i;

/** A name in braces. In code this has another meaning. */
const braced = /\{[a-z][a-z_]{1,30}\d{0,3}\}/i;

/** Null values as only programs print them. */
const printed = new Set(["nan", "[object object]", "#ref!", "#value!", "#n/a"]);
/** Null values that are also words, and may be answers in mathematics, in programming or on forms. */
const wordsForNothing = new Set(["undefined", "null", "none", "nil"]);
/** If half of the answers have at most this many words, a word such as "none" is a regular answer. */
const maxAnswerWords = 3;

/** If more rows than this share have an answer such as "none", it is an answer of the task. */
const habit = 0.05;

/** `DATA_TEMPLATE_LEFTOVER`, `DATA_PLACEHOLDER_LEFT`. */
export function templateLeftovers(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const marked = hitsIn(rows, ({ messages, answer }) => {
    for (const { content, role } of messages) {
      const found = firstMatch(markers, content);
      if (found !== undefined) return `${quoted(found)} in a turn of ${role}`;
    }
    if (otherTurn.test(answer) && ownTurn.test(answer)) return "a dialogue of both sides in one answer";
    return null;
  });
  const areWords = areLabels || haveShortAnswers(rows);
  const empty = hitsIn(rows, (row) => printedNothing(row, areWords));
  const meant = empty.length > habit * rows.length;
  const left = hitsIn(rows, ({ messages }) => {
    const isForm = form.test(messages[0]?.content ?? "") || form.test(messages.at(-2)?.content ?? "");
    for (const { content, role } of messages) {
      const found = placeholderIn(content);
      if (found !== null && !(isForm && own.test(found))) return `${quoted(found)} in a turn of ${role}`;
    }
    return null;
  });
  return [
    ...observeHits("DATA_TEMPLATE_LEFTOVER", "warning", part, marked, rows.length),
    ...observeHits("DATA_PLACEHOLDER_LEFT", "warning", part, meant ? left : [...empty, ...left], rows.length),
  ];
}

/** A printed null as the answer, unless the question is about null values or code. */
function printedNothing({ answer, prompt }: Row, areWords: boolean): string | null {
  const word = answer.length > 20 ? "" : answer.trim().toLowerCase();
  if (!printed.has(word) && !wordsForNothing.has(word)) return null;
  if (areWords && wordsForNothing.has(word)) return null;
  if (looksLikeCode(prompt) || prompt.toLowerCase().includes(word)) return null;
  return `${quoted(answer)} as the answer`;
}

function haveShortAnswers(rows: readonly Row[]): boolean {
  const short = rows.filter(
    ({ answer }) => answer.trim().split(/\s+/, maxAnswerWords + 1).length <= maxAnswerWords,
  );
  return 2 * short.length >= rows.length;
}

function placeholderIn(content: string): string | null {
  const found = bracketed.exec(content)?.[0];
  if (found === undefined && !content.includes("{")) return null;
  if (looksLikeCode(content)) return null;
  if (found !== undefined) return found;
  const name = braced.exec(content)?.[0];
  if (name === undefined) return null;
  const rest = content.replaceAll(name, "");
  return /[{}\\$`;=<>|]/.test(rest.slice(0, 4_000)) ? null : name;
}
