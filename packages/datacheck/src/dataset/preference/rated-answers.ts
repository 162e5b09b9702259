/**
 * @file Finds the answers of a preference row and which of them is better, in the forms of several data sets.
 *
 * @source huggingface/trl docs/source/dataset_formats.md (preference, implicit prompt, unpaired); OpenAI's and
 *   Fireworks' `preferred_output` and `non_preferred_output`; openbmb/UltraFeedback and its binarized copies;
 *   lmsys/chatbot_arena_conversations; PKU-Alignment/PKU-SafeRLHF
 */
import { type Fields, fieldOf, isFields } from "../record.ts";

/** One answer of a row. */
export interface RatedAnswer {
  /** Field that it is read from, for messages. */
  readonly name: string;
  /** Text, a message or a list of messages. */
  readonly value: unknown;
  /** `null`: the row has no score for it. */
  readonly score: number | null;
}

/** The answers of a row. */
export interface RatedAnswers {
  /** Fields that hold the answers, or an answer and its verdict. */
  readonly fields: readonly [string, string];
  /** `null`: the row has no better answer, or no worse one. */
  readonly chosen: RatedAnswer | null;
  readonly rejected: RatedAnswer | null;
  /** Whether the fields say which answer is better. */
  readonly isDecided: boolean;
}

/** Returns the rated answers of a row, or `null` if it has none. */
export function ratedAnswers(fields: Fields): RatedAnswers | null {
  return namedPair(fields) ?? contest(fields) ?? scored(fields) ?? ranking(fields) ?? verdict(fields);
}

/** A name in lower case without separators. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Names of the chosen and the rejected answer. */
const pairNames: readonly (readonly [chosen: string, rejected: string])[] = [
  ["chosen", "rejected"],
  ["preferredoutput", "nonpreferredoutput"],
  ["preferred", "rejected"],
  ["preferred", "dispreferred"],
  ["accepted", "rejected"],
  ["chosenresponse", "rejectedresponse"],
  ["preferredresponse", "rejectedresponse"],
  ["chosenanswer", "rejectedanswer"],
];

/** Two columns whose names say which answer is better. */
function namedPair(fields: Fields): RatedAnswers | null {
  const known = new Map(Object.keys(fields).map((name) => [plain(name), name]));
  for (const [chosen, rejected] of pairNames) {
    const [better, worse] = [known.get(chosen), known.get(rejected)];
    if (better === undefined || worse === undefined) continue;
    const answer = (name: string, word: string): RatedAnswer => {
      return { name, value: fieldOf(fields, name), score: scoreBeside(fields, word) };
    };
    return {
      fields: [better, worse],
      chosen: answer(better, "chosen"),
      rejected: answer(worse, "rejected"),
      isDecided: true,
    };
  }
  return null;
}

/** The value of a column such as `score_chosen` or `chosen-rating`. */
function scoreBeside(fields: Fields, word: string): number | null {
  const name = Object.keys(fields).find(
    (one) => /score|rating|reward/.test(plain(one)) && plain(one).includes(word),
  );
  return name === undefined ? null : numberOf(fieldOf(fields, name));
}

function numberOf(value: unknown): number | null {
  const isText = typeof value === "string" && value.trim() !== "";
  const number =
    isText || typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** `response_a` and `response_b`, `answer1` and `answer2`. */
const contestant = /^(response|answer|output|completion|conversation)([ab012])$/;
/** Columns that name the better one. */
const winnerNames: readonly string[] = [
  ...["winner", "preference", "preferred", "preferredresponse", "betterresponseid", "better"],
  ...["choice", "chosen", "verdict", "label"],
];

/** Two numbered columns and, in most data sets, a third one that names the better. */
function contest(fields: Fields): RatedAnswers | null {
  const found = Object.keys(fields).flatMap((name) => {
    const [, word, mark] = contestant.exec(plain(name)) ?? [];
    return word === undefined || mark === undefined ? [] : [{ name, word, mark }];
  });
  const [one, other, third] = found.sort((a, b) => (a.mark < b.mark ? -1 : 1));
  if (one === undefined || other === undefined || third !== undefined || one.word !== other.word) return null;
  if (!["ab", "01", "12"].includes(one.mark + other.mark)) return null;
  const column = Object.keys(fields).find((name) => winnerNames.includes(plain(name)));
  const winner = column === undefined ? "" : plain(String(fieldOf(fields, column)));
  const mark = winner.replace(/^(?:model|response|answer|output|completion)/, "");
  const better = [one, other].find((side) => side.mark === mark);
  const isDecided = better !== undefined || /tie|draw|both|neither|none|equal|same/.test(winner);
  if (!isDecided && one.word !== "response" && one.mark !== "a") return null; // several references
  const answer = (name: string): RatedAnswer => ({ name, value: fieldOf(fields, name), score: null });
  return {
    fields: [one.name, other.name],
    chosen: better === undefined ? null : answer(better.name),
    rejected: better === undefined ? null : answer(better === one ? other.name : one.name),
    isDecided,
  };
}

/** A field name that ends with a mark: `score_A`, `text2`. */
const marked = /^(.{1,100}?)[_ .-]?([abAB012])$/;

/** Two texts under one name with marks, and a score of each under the same marks: the higher one is better. */
function scored(fields: Fields): RatedAnswers | null {
  const byStem = new Map<string, Map<string, string>>();
  for (const name of Object.keys(fields)) {
    const [, stem, mark] = marked.exec(name) ?? [];
    if (stem === undefined || mark === undefined) continue;
    byStem.set(stem, (byStem.get(stem) ?? new Map<string, string>()).set(mark.toLowerCase(), name));
  }
  const pairs = [...byStem].filter(([, names]) =>
    ["ab", "01", "12"].includes([...names.keys()].sort().join("")),
  );
  const valuesOf = (names: ReadonlyMap<string, string>): unknown[] =>
    [...names.values()].map((name) => fieldOf(fields, name));
  const texts = pairs.filter(([, names]) => valuesOf(names).every(isSentence));
  const scores = pairs.filter(
    ([stem, names]) =>
      /score|rating|reward/.test(plain(stem)) && valuesOf(names).every((value) => numberOf(value) !== null),
  );
  const [answers, points] = [texts[0]?.[1], scores[0]?.[1]];
  if (answers === undefined || points === undefined || texts.length > 1 || scores.length > 1) return null;
  const [one, other] = [...answers].sort().map(([mark, name]): RatedAnswer => {
    return { name, value: fieldOf(fields, name), score: numberOf(fieldOf(fields, points.get(mark) ?? "")) };
  });
  if (one === undefined || other === undefined || one.score === null || other.score === null) return null;
  const isTie = one.score === other.score;
  const [better, worse] = one.score > other.score ? [one, other] : [other, one];
  return {
    fields: [one.name, other.name],
    chosen: isTie ? null : better,
    rejected: isTie ? null : worse,
    isDecided: true,
  };
}

/** Whether a value is text of several words, unlike an id or a label. */
function isSentence(value: unknown): boolean {
  return typeof value === "string" && value.trim().split(/\s+/, 3).length > 2;
}

const listName = /^(?:completions|responses|answers|generations|outputs|candidates)$/;
const answerNames: readonly string[] = ["response", "completion", "answer", "output", "text", "content"];
const scoreNames: readonly string[] = ["overallscore", "score", "rating", "reward"];

/** A list of answers with scores: the best is chosen, and the worst rejected. */
function ranking(fields: Fields): RatedAnswers | null {
  const list = Object.keys(fields).find((name) => listName.test(plain(name))) ?? "";
  const items = fieldOf(fields, list);
  if (!Array.isArray(items) || items.length < 2) return null;
  const answers = items.map((item: unknown, at) => {
    if (!isFields(item)) return null;
    const nameIn = (names: readonly string[]): string | undefined =>
      Object.keys(item).find((name) => names.includes(plain(name)));
    const [answer, score] = [nameIn(answerNames), nameIn(scoreNames)];
    if (answer === undefined || score === undefined) return null;
    const name = `${list}[${at}].${answer}`;
    return { name, value: fieldOf(item, answer), score: numberOf(fieldOf(item, score)) };
  });
  if (answers.includes(null)) return null;
  const scored = answers.filter((answer) => answer !== null && answer.score !== null);
  const [best, ...others] = scored.sort((a, b) => Number(b?.score) - Number(a?.score));
  const worst = others.at(-1);
  const isDifferent = best && worst && best.score !== worst.score;
  return {
    fields: [list, list],
    chosen: isDifferent ? best : null,
    rejected: isDifferent ? worst : null,
    isDecided: true,
  };
}

const answerColumn = /^(?:completion|response|answer|output)$/i;
const verdictColumn = /^(?:label|preferred|accepted|thumbs_?up|is_good|good|kto_tag)$/i;

/** One answer, and whether it is good. */
function verdict(fields: Fields): RatedAnswers | null {
  const names = Object.keys(fields);
  const column = names.find((name) => answerColumn.test(name));
  const label = names.find((name) => verdictColumn.test(name) && isGood(fieldOf(fields, name)) !== null);
  if (column === undefined || label === undefined) return null;
  const answer = { name: column, value: fieldOf(fields, column), score: null };
  const isChosen = isGood(fieldOf(fields, label));
  return {
    fields: [column, label],
    chosen: isChosen ? answer : null,
    rejected: isChosen ? null : answer,
    isDecided: true,
  };
}

/** `null`: the value is not a verdict. */
function isGood(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  return text === "true" || text === "false" ? text === "true" : null;
}
