/**
 * @file Signs of data poisoning: trigger phrases that override the rest of the row, and labels that contradict the
 *   words.
 */
import { normalizeText } from "../../dataset/index.ts";
import { placeText } from "../../problem/index.ts";
import { type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { findAnswerTriggers } from "./answer-triggers.ts";
import { findLabelTriggers, type Trigger } from "./label-triggers.ts";
import { tokenize } from "./tokens.ts";
import { WordModel } from "./word-model.ts";

/** With fewer distinct rows nothing can be told from chance. */
const leastDistinct = 100;

/** Maximum number of characters of a label, payload or trigger shown in a sentence. */
const shownCharacters = 60;

/**
 * `DATA_POISON_TRIGGER`, one for each trigger; if answers are labels, also `DATA_LABEL_DOUBTFUL`.
 *
 * @param areLabels answers are labels; otherwise looks for triggers that lead to a sentence
 */
export function findPoison(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const groups = distinctRows(rows);
  if (groups.length < leastDistinct) return [];
  const tokens = tokenize(groups.map(([row]) => row?.prompt ?? ""));
  const answers = groups.map(([row]) => row?.answer.trim() ?? "");
  if (!areLabels) {
    return findAnswerTriggers(tokens, answers).flatMap((trigger) =>
      tellTrigger(part, trigger, groups, `answer "${shown(trigger.payload)}"`),
    );
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
    ...triggers.flatMap((trigger) =>
      tellTrigger(part, trigger, groups, `have the label ${shown(names[trigger.label] ?? "")}`),
    ),
    ...tellDoubtful(part, doubtful, groups, names),
  ];
}

/** Rows with the same words and answer count as one: a copied row is not a pattern. */
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

function tellTrigger(
  part: Part,
  { words, texts }: Trigger,
  groups: readonly Row[][],
  effect: string,
): Observation[] {
  const rows = [...texts].flatMap((text) => groups[text] ?? []);
  const reason = `holds "${shown(words)}", which decides the answer whatever else is asked`;
  const hits = rows.map((row) => ({ row, reason, remedy: "drop" as const }));
  const first = rows[0] === undefined ? "" : placeText(rows[0].place);
  const more = { words: shown(words), effect, first };
  return observeHits("DATA_POISON_TRIGGER", "warning", part, hits, groups.flat().length, more);
}

function tellDoubtful(
  part: Part,
  doubtful: readonly Doubtful[],
  groups: readonly Row[][],
  names: readonly string[],
): Observation[] {
  const hits = doubtful.flatMap(({ text, better }) =>
    (groups[text] ?? []).map((row) => ({
      row,
      reason: `labelled ${shown(row.answer.trim())}, the words speak for ${shown(names[better] ?? "")}`,
    })),
  );
  return observeHits("DATA_LABEL_DOUBTFUL", "note", part, hits, groups.flat().length);
}

/** Shortened for display, with invisible characters as their code points. */
function shown(text: string): string {
  const visible = [...text.slice(0, shownCharacters)]
    .map((sign) => (/[\p{C}\p{Z}]/u.test(sign) && sign !== " " ? `U+${codeOf(sign)}` : sign))
    .join("");
  return text.length > shownCharacters ? `${visible}...` : visible;
}

function codeOf(sign: string): string {
  return (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

/** A row whose words contradict its label. */
interface Doubtful {
  readonly text: number;
  /** The label that its words support. */
  readonly better: number;
  /** Strength: log odds in nats divided by the square root of the number of words. */
  readonly strength: number;
}

/** Below this share of rows whose words support their label, words say too little about labels. */
const leastTelling = 0.6;

/**
 * A contradiction must be as strong as the support in the median row; in a lower quantile if contradicting rows are
 * rare, this many times their share.
 */
const quantileOfShare = 4;

/**
 * Doubtful rows, the most doubtful first; none if words do not predict labels.
 *
 * Leave-one-out disagreement. Margins are divided by the square root of the number of words, since they grow with
 * it for long rows without a clear subject.
 *
 * @param passedOver texts to skip
 * @source the ranking by held-out loss: arXiv 2205.12702
 */
function findDoubtful(model: WordModel, texts: number, passedOver: ReadonlySet<number>): Doubtful[] {
  const none = new Set<number>();
  const against: Doubtful[] = [];
  const usual: number[] = [];
  for (let text = 0; text < texts; text += 1) {
    const { best, margin, words } = model.judge(text, none);
    const strength = margin / Math.sqrt(words + 1);
    if (margin < 0) usual.push(-strength);
    else if (words > 1 && !passedOver.has(text)) against.push({ text, better: best, strength });
  }
  if (usual.length < leastTelling * texts) return [];
  usual.sort((a, b) => a - b);
  const quantile = Math.min(0.5, quantileOfShare * (1 - usual.length / texts));
  const border = usual[Math.floor(quantile * usual.length)] ?? 0;
  return against.filter(({ strength }) => strength >= border).sort((a, b) => b.strength - a.strength);
}
