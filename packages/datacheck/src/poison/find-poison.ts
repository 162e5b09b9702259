/**
 * @file Signs of data poisoning: trigger phrases that override the rest of the row, and labels that contradict the
 * row's words.
 */

import { sum } from "@tunewise/core/math";
import { normalizeText } from "../dataset/index.ts";
import { type Observation, observeHits } from "../observation.ts";
import { placeText } from "../problem/index.ts";
import type { Part, Row } from "../row.ts";
import { findAnswerTriggers } from "./answer-triggers.ts";
import { findLabelTriggers, type Trigger } from "./label-triggers.ts";
import { tokenize } from "./tokens.ts";
import { WordModel } from "./word-model.ts";

/** With fewer distinct rows, patterns cannot be distinguished from chance. */
const minDistinct = 100;

/** Maximum number of characters of a label, payload or trigger shown in a sentence. */
const shownCharacters = 60;

/**
 * `DATA_POISON_TRIGGER`, one per trigger; if answers are labels, also `DATA_LABEL_DOUBTFUL`.
 *
 * @param areLabels answers are labels; otherwise looks for triggers that lead to a sentence
 */
export function findPoison(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const groups = distinctRows(rows);
  if (groups.length < minDistinct) return [];
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
  const { doubtful, telling } = findDoubtful(model, labels, planted);
  return [
    ...triggers.flatMap((trigger) =>
      tellTrigger(part, trigger, groups, `have the label ${shown(names[trigger.label] ?? "")}`),
    ),
    ...tellDoubtful(part, doubtful, groups, names, telling),
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
  const reason = `holds "${shown(words)}", which determines the answer whatever the other words`;
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
  telling: number,
): Observation[] {
  const hits = doubtful.flatMap(({ text, better }) =>
    (groups[text] ?? []).map((row) => ({
      row,
      reason: `labelled ${shown(row.answer.trim())}, the words speak for ${shown(names[better] ?? "")}`,
    })),
  );
  return observeHits("DATA_LABEL_DOUBTFUL", "note", part, hits, groups.flat().length, {
    telling: Math.round(100 * telling),
  });
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
const minTelling = 0.6;

/**
 * A contradiction must be as strong as the median row's support. If contradicting rows are rare, a lower quantile
 * applies: this many times their share.
 */
const quantileOfShare = 4;

/**
 * Min distinct rows of both labels. With fewer it is unclear which words belong to a label, and correct labels look
 * doubtful.
 */
const minOfLabel = 20;

/** Share of the rows, those with the clearest words, that is used to estimate how many labels are wrong. */
const clearest = 0.2;

/**
 * Doubtful rows, the most doubtful first, and the share of rows whose words support their label. Returns no rows if
 * words do not predict labels.
 *
 * Leave-one-out disagreement. Margins are divided by the square root of the number of words, since they grow with it in
 * long rows without a clear subject. Clear words are rarely wrong, so contradictions among them are wrong labels. Where
 * more than twice as many rows contradict, most contradictions are errors of the words.
 *
 * @param labels of the texts
 * @param passedOver texts to skip
 * @source the ranking by held-out loss: arXiv 2205.12702; isotonic regression by pooling adjacent violators: Ayer et
 * al. 1955, Annals of Mathematical Statistics 26(4)
 */
function findDoubtful(
  model: WordModel,
  labels: Int32Array,
  passedOver: ReadonlySet<number>,
): { readonly doubtful: readonly Doubtful[]; readonly telling: number } {
  const texts = labels.length;
  const rowsWith = new Map<number, number>();
  for (const label of labels) rowsWith.set(label, (rowsWith.get(label) ?? 0) + 1);
  const isKnown = (label: number | undefined): boolean => (rowsWith.get(label ?? -1) ?? 0) >= minOfLabel;
  const none = new Set<number>();
  const against: Doubtful[] = [];
  const usual: number[] = [];
  const contradicting: number[] = [];
  for (let text = 0; text < texts; text += 1) {
    const { best, margin, words } = model.judge(text, none);
    const strength = margin / Math.sqrt(words + 1);
    if (margin < 0) usual.push(-strength);
    else contradicting.push(strength);
    const areKnown = isKnown(best) && isKnown(labels[text]);
    if (margin >= 0 && words > 1 && areKnown && !passedOver.has(text))
      against.push({ text, better: best, strength });
  }
  const telling = usual.length / texts;
  if (telling < minTelling) return { doubtful: [], telling };
  usual.sort((a, b) => a - b);
  const quantile = Math.min(0.5, quantileOfShare * (1 - telling));
  const border = Math.max(usual[Math.floor(quantile * usual.length)] ?? 0, clearBorder(usual, contradicting));
  const doubtful = against.filter(({ strength }) => strength >= border);
  return { doubtful: doubtful.sort((a, b) => b.strength - a.strength), telling };
}

/**
 * The min strength at which the share of contradicting rows is at most twice that among the clearest rows, or infinity.
 */
function clearBorder(supporting: readonly number[], contradicting: readonly number[]): number {
  const rows = [
    ...supporting.map((strength) => ({ strength, contradicts: 0 })),
    ...contradicting.map((strength) => ({ strength, contradicts: 1 })),
  ].sort((a, b) => b.strength - a.strength);
  const clear = rows.slice(0, Math.ceil(clearest * rows.length));
  // plus one, since finding none among few rows does not prove that there are none
  const wrong = (1 + sum(clear.map(({ contradicts }) => contradicts))) / clear.length;
  // blocks, strongest first, whose share of contradicting rows never decreases with falling strength
  const blocks: { count: number; contradicts: number; least: number }[] = [];
  for (const { strength, contradicts } of rows) {
    let block = { count: 1, contradicts, least: strength };
    for (let last = blocks.at(-1); last && shareOf(last) >= shareOf(block); last = blocks.at(-1)) {
      blocks.pop();
      block = {
        count: last.count + block.count,
        contradicts: last.contradicts + block.contradicts,
        least: strength,
      };
    }
    blocks.push(block);
  }
  return blocks.findLast((block) => shareOf(block) <= 2 * wrong)?.least ?? Number.POSITIVE_INFINITY;
}

function shareOf({ count, contradicts }: { readonly count: number; readonly contradicts: number }): number {
  return contradicts / count;
}
