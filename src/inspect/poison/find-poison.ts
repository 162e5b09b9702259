/**
 * @file Signs that rows were planted or labels flipped: phrases that override the rest of the row, labels that the
 * words speak against.
 */
import { normalizeText } from "../../dataset/index.ts";
import { placeText } from "../../problem/index.ts";
import { type Observation, observe } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { type AnswerTrigger, findAnswerTriggers } from "./answer-triggers.ts";
import { type Doubtful, findDoubtful } from "./doubtful-labels.ts";
import { findLabelTriggers, type Trigger } from "./label-triggers.ts";
import { tokenize } from "./tokens.ts";
import { WordModel } from "./word-model.ts";

/** In fewer different rows nothing can be told from chance. */
const leastDistinct = 100;

/** Characters of a label, a payload or a trigger that a sentence shows. */
const shownCharacters = 60;

/**
 * `DATA_POISON_TRIGGER`, one for each trigger; where answers are labels `DATA_LABEL_DOUBTFUL` as well.
 *
 * @param areLabels answers are labels; else triggers are looked for that lead to a sentence
 */
export function findPoison(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const groups = distinctRows(rows);
  if (groups.length < leastDistinct) return [];
  const tokens = tokenize(groups.map(([row]) => row?.prompt ?? ""));
  const answers = groups.map(([row]) => row?.answer.trim() ?? "");
  if (!areLabels) {
    return findAnswerTriggers(tokens, answers).map((trigger) => tellAnswer(part, trigger, groups));
  }
  const names = [...new Set(answers)];
  if (names.length < 2) return [];
  const numbers = new Map(names.map((name, index) => [name, index]));
  const labels = Int32Array.from(answers, (answer) => numbers.get(answer) ?? 0);
  const model = new WordModel(tokens, labels, names.length);
  const triggers = findLabelTriggers(tokens, labels, model);
  const planted = new Set(triggers.flatMap(({ texts }) => [...texts]));
  const doubtful = findDoubtful(model, groups.length, planted);
  return [
    ...triggers.map((trigger) => tellLabel(part, trigger, groups, names)),
    ...tellDoubtful(part, doubtful, groups, names),
  ];
}

/** Rows with the same words and the same answer are one: a copied row is no pattern. */
function distinctRows(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${normalizeText(row.prompt)}\n${row.answer.trim()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function tellLabel(
  part: Part,
  trigger: Trigger,
  groups: readonly Row[][],
  names: readonly string[],
): Observation {
  return tellTrigger(part, trigger, groups, `have the label ${shown(names[trigger.label] ?? "")}`);
}

function tellAnswer(part: Part, trigger: AnswerTrigger, groups: readonly Row[][]): Observation {
  return tellTrigger(part, trigger, groups, `answer "${shown(trigger.payload)}"`);
}

function tellTrigger(
  part: Part,
  { words, texts }: Trigger,
  groups: readonly Row[][],
  effect: string,
): Observation {
  const rows = [...texts].flatMap((text) => groups[text] ?? []);
  const reason = `holds "${shown(words)}", which decides the answer whatever else is asked`;
  const evidence = rows.map(({ place }) => ({ place, reason, remedy: "drop" as const }));
  const first = rows[0] === undefined ? "" : placeText(rows[0].place);
  const about = { split: part, words: shown(words), effect, first };
  return observe("DATA_POISON_TRIGGER", "warning", about, evidence);
}

function tellDoubtful(
  part: Part,
  doubtful: readonly Doubtful[],
  groups: readonly Row[][],
  names: readonly string[],
): Observation[] {
  const evidence = doubtful.flatMap(({ text, better }) =>
    (groups[text] ?? []).map(({ place, answer }) => ({
      place,
      reason: `labelled ${shown(answer.trim())}, the words speak for ${shown(names[better] ?? "")}`,
    })),
  );
  const [first] = evidence;
  if (first === undefined) return [];
  const about = { split: part, first: `${placeText(first.place)}, ${first.reason}` };
  return [observe("DATA_LABEL_DOUBTFUL", "note", about, evidence)];
}

/** Cut to a readable length, signs that cannot be seen as their numbers. */
function shown(text: string): string {
  const visible = [...text.slice(0, shownCharacters)]
    .map((sign) => (/[\p{C}\p{Z}]/u.test(sign) && sign !== " " ? `U+${codeOf(sign)}` : sign))
    .join("");
  return text.length > shownCharacters ? `${visible}...` : visible;
}

function codeOf(sign: string): string {
  return (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
