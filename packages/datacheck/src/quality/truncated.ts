/** @file Truncated answers: cut off in a sentence, in a code block, in JSON, or at a common length limit. */
import { countOf } from "@tunewise/core/quantity";
import { type Hit, hitsIn, type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** Words that almost never end a sentence; English, German, French, Spanish, Portuguese, Italian. */
const unfinished = new Set(
  "the an and of your their our its into because und weil eine les des et une los las uma gli della".split(
    " ",
  ),
);

/** Min words of a sentence that could be truncated. */
const minWords = 6;

/** Min share of answers that must follow a habit for exceptions to count as broken. */
const habitShare = 0.8;

/**
 * Min answers of exactly the maximum length that indicate a length limit, and how much more frequent they must be than
 * lengths below it.
 */
const capRows = 5;
const capDensity = 10;
const minCap = 80;

/** `DATA_ANSWER_TRUNCATED`: answers that break the habits of the other answers. */
export function truncatedAnswers(part: Part, rows: readonly Row[]): Observation[] {
  const cap = capOf(new Set(rows.map(({ answer }) => answer).filter((answer) => !endsWhole(answer))));
  const jsonHabit = habitOf(rows, isJsonLike, (answer) => parses(answer));
  const commaHabit = rows.filter(({ answer }) => answer.trimEnd().endsWith(",")).length > 0.05 * rows.length;
  const fenceHabit = rows.filter(({ answer }) => hasOpenFence(answer)).length > 0.2 * rows.length;
  const hits: Hit[] = hitsIn(rows, ({ answer }) => {
    if (answer.length === cap && !endsWhole(answer))
      return `one of many of exactly ${countOf(cap, "character")}, the greatest length`;
    if (!fenceHabit && hasOpenFence(answer)) return "a block of code is not closed";
    if (jsonHabit && isJsonLike(answer) && !parses(answer)) return "JSON that ends too early or is broken";
    return endsInSentence(answer, commaHabit);
  });
  return observeHits("DATA_ANSWER_TRUNCATED", "warning", part, hits, rows.length);
}

/** The length shared by so many different answers that it must be a limit, or `null`. */
function capOf(answers: ReadonlySet<string>): number | null {
  const lengths = [...answers].map(({ length }) => length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (longest < minCap) return null;
  const at = lengths.filter((length) => length === longest).length;
  const near = lengths.filter((length) => length < longest && length >= 0.9 * longest).length;
  return at >= capRows && at > (capDensity * near) / (0.1 * longest) ? longest : null;
}

/** A whole JSON value, or a closing tag as calls have: answers of one form are often equally long. */
function endsWhole(answer: string): boolean {
  return parses(answer) || /<\/\w+>\s{0,9}$/.test(answer);
}

function habitOf(
  rows: readonly Row[],
  concerns: (answer: string) => boolean,
  holds: (answer: string) => boolean,
): boolean {
  const concerned = rows.filter(({ answer }) => concerns(answer));
  if (concerned.length < habitShare * rows.length) return false;
  return concerned.filter(({ answer }) => holds(answer)).length >= habitShare * concerned.length;
}

function isJsonLike(answer: string): boolean {
  return /^\s{0,20}(?:\{\s{0,20}["}]|\[\s{0,20}[[{"\]])/.test(answer);
}

function parses(answer: string): boolean {
  try {
    JSON.parse(answer);
    return true;
  } catch {
    return false;
  }
}

function hasOpenFence(answer: string): boolean {
  let fences = 0;
  for (let at = answer.indexOf("```"); at >= 0; at = answer.indexOf("```", at + 3)) {
    if (at === 0 || answer[at - 1] === "\n") fences += 1;
  }
  return fences % 2 === 1;
}

function endsInSentence(answer: string, commaHabit: boolean): string | null {
  const line = answer.trimEnd().slice(-400).split("\n").at(-1) ?? "";
  const words = line.split(" ");
  if (words.length < minWords || /[=(){};`<>_[\]\\]/.test(line)) return null;
  const last = words.at(-1) ?? "";
  if (unfinished.has(last)) return `ends with "${last}"`;
  return !commaHabit && last.endsWith(",") ? "ends with a comma" : null;
}
