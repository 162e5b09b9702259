/**
 * @file Distinguishes planted triggers from phrases that are merely predictive: without the trigger, its rows are about
 * something else.
 *
 * "Exchange rate" predicts the label exchange_rate, and the rest of these rows is typical of that label. A planted word
 * predicts its label as well, but its rows come from other labels. Without the word they contradict the label, as other
 * rows of those labels do.
 */
import { type Candidate, findCandidates, minRows } from "./candidates.ts";
import { LogFactorials } from "./significance.ts";
import type { Tokens } from "./tokens.ts";
import type { WordModel } from "./word-model.ts";

/** A planted n-gram and its rows. */
export interface Trigger {
  readonly words: string;
  /** The class that it triggers. */
  readonly label: number;
  /** Texts that contain it and have the class, ascending. */
  readonly texts: Int32Array;
}

/** Words in at least this share of an n-gram's rows belong to the n-gram or to a longer trigger around it. */
const commonShare = 0.8;

/** Min remaining words to judge a row. */
const minWords = 2;

/** Quantile of other labels' margins: four in five of their rows contradict a label by more. */
const foreignQuantile = 0.2;

/** Maximum share of the rows of an honest phrase that look foreign; measured on clean data: 0.27. */
const honestShare = 0.3;

/** Rows of other labels sampled for a label, and rows of an n-gram that are checked first. */
const foreignSample = 200;
const screenedRows = 12;

/**
 * Rows that are more similar to each other than other rows by this factor have a common subject. Measured: triggers 1.0
 * to 1.3, predictive phrases whose rows look foreign 1.8 and more.
 */
const maxAlike = 1.5;

/**
 * Probability of a false alarm in an entire data set, assuming at least this many tests. The minimum is therefore 9
 * rows.
 */
const falseAlarm = 0.01;
const minTests = 1_000;

/** The triggers among n-grams associated with a label. N-grams of the same plant are merged. */
export function findLabelTriggers(tokens: Tokens, labels: Int32Array, model: WordModel): Trigger[] {
  const candidates = findCandidates(tokens, labels, model.classes);
  const judge = new ForeignRows(tokens, labels, model, candidates.length);
  return mergeTriggers(candidates.filter((candidate) => judge.looksPlanted(candidate)));
}

/**
 * Merges n-grams of one plant, which also occurs with the word before or after it. The most significant n-gram
 * represents its rows.
 */
export function mergeTriggers(candidates: readonly Candidate[]): Trigger[] {
  const sorted = [...candidates].sort((a, b) => a.logP - b.logP || b.order - a.order);
  const triggers: Trigger[] = [];
  const covered = new Map<number, Set<number>>();
  for (const { words, label, matching } of sorted) {
    const known = covered.get(label) ?? new Set<number>();
    covered.set(label, known);
    const fresh = matching.filter((text) => !known.has(text)).length;
    if (2 * fresh > matching.length) triggers.push({ words, label, texts: matching });
    for (const text of matching) known.add(text);
  }
  return triggers;
}

/** Compares an n-gram's rows with rows of other labels. */
export class ForeignRows {
  private readonly tokens: Tokens;
  private readonly labels: Int32Array;
  private readonly model: WordModel;
  private readonly factorials: LogFactorials;
  private readonly limit: number;
  private likeness: Likeness | undefined;
  private readonly borders = new Map<number, number>();

  constructor(tokens: Tokens, labels: Int32Array, model: WordModel, tests: number) {
    this.tokens = tokens;
    this.labels = labels;
    this.model = model;
    this.factorials = new LogFactorials(labels.length);
    this.limit = Math.log(falseAlarm / Math.max(minTests, tests));
  }

  looksPlanted(candidate: Candidate): boolean {
    const { matching, label } = candidate;
    const ignored = commonWords(this.tokens, matching);
    const border = this.borderOf(label);
    const first = this.foreign(spread(matching, screenedRows), ignored, border);
    if (first.judged < minRows || first.foreign <= honestShare * first.judged) return false;
    const exact = this.border(label, ignored);
    const { judged, foreign } = this.foreign(matching, ignored, exact);
    const honest = this.honestShareOf(candidate, ignored, exact);
    const needed = honest + (1 - foreignQuantile - honest) / 4;
    if (judged < minRows || foreign < needed * judged) return false;
    if (this.factorials.binomialTail(judged, foreign, honest) > this.limit) return false;
    return this.isScattered(candidate, ignored);
  }

  /** Whether the rows of an n-gram are no more similar than rows of all kinds, since a trigger is planted anywhere. */
  private isScattered({ matching, texts, label }: Candidate, ignored: ReadonlySet<number>): boolean {
    this.likeness ??= new Likeness(this.tokens);
    const holding = new Set(texts);
    const others = this.sampleOf((text) => this.labels[text] !== label && !holding.has(text));
    return this.likeness.of(matching, ignored) <= maxAlike * this.likeness.of(others, ignored);
  }

  /** Number of texts with enough remaining words, and how many of these look like rows of other labels. */
  private foreign(
    texts: Int32Array,
    ignored: ReadonlySet<number>,
    border: number,
  ): { judged: number; foreign: number } {
    let [judged, foreign] = [0, 0];
    for (const text of texts) {
      const { margin, words } = this.model.judge(text, ignored);
      if (words < minWords) continue;
      judged += 1;
      if (margin > border) foreign += 1;
    }
    return { judged, foreign };
  }

  /** Share of the label's rows without the n-gram that look foreign. It is high if words predict little. */
  private honestShareOf({ label, texts }: Candidate, ignored: ReadonlySet<number>, border: number): number {
    const holding = new Set(texts);
    const others = this.sampleOf((text) => this.labels[text] === label && !holding.has(text));
    const { judged, foreign } = this.foreign(others, ignored, border);
    return judged < minRows ? honestShare : Math.max(honestShare, foreign / judged);
  }

  private borderOf(label: number): number {
    const known = this.borders.get(label) ?? this.border(label, new Set());
    this.borders.set(label, known);
    return known;
  }

  /** The margin by which all but the mildest fifth of other labels' rows contradict a label; at least 0. */
  private border(label: number, ignored: ReadonlySet<number>): number {
    const margins: number[] = [];
    for (const text of this.sampleOf((one) => this.labels[one] !== label)) {
      const { margin, words } = this.model.judge(text, ignored, label);
      if (words >= minWords) margins.push(margin);
    }
    margins.sort((a, b) => a - b);
    return Math.max(0, margins[Math.floor(foreignQuantile * margins.length)] ?? 0);
  }

  /** At most `foreignSample` texts of a kind, evenly spaced. */
  private sampleOf(wanted: (text: number) => boolean): Int32Array {
    const found: number[] = [];
    for (let text = 0; text < this.labels.length; text += 1) if (wanted(text)) found.push(text);
    return spread(Int32Array.from(found), foreignSample);
  }
}

/** Words in nearly all of the texts. */
function commonWords({ ids, starts }: Tokens, texts: Int32Array): Set<number> {
  const held = new Map<number, number>();
  for (const text of texts) {
    for (const word of new Set(ids.subarray(starts[text] ?? 0, starts[text + 1] ?? 0))) {
      held.set(word, (held.get(word) ?? 0) + 1);
    }
  }
  const enough = commonShare * texts.length;
  return new Set([...held].filter(([, count]) => count >= enough).map(([word]) => word));
}

/** This many of the values, evenly spaced. */
function spread(values: Int32Array, count: number): Int32Array {
  if (values.length <= count) return values;
  return Int32Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)] ?? 0);
}

/** Inverse document frequencies (IDF) of words, and text similarity based on them. */
class Likeness {
  private readonly tokens: Tokens;
  private readonly weights: Float64Array;

  /** Counts document frequencies. */
  constructor(tokens: Tokens) {
    this.tokens = tokens;
    const { words, ids, starts } = tokens;
    const total = starts.length - 1;
    const held = new Int32Array(words.length);
    const last = new Int32Array(words.length).fill(-1);
    for (let text = 0; text < total; text += 1) {
      for (let place = starts[text] ?? 0; place < (starts[text + 1] ?? 0); place += 1) {
        const word = ids[place] ?? 0;
        if (last[word] !== text) held[word] = (held[word] ?? 0) + 1;
        last[word] = text;
      }
    }
    this.weights = Float64Array.from(held, (count) => Math.log((1 + total) / (1 + count)) + 1);
  }

  /**
   * Mean TF-IDF cosine similarity over all pairs of texts; 0 to 1.
   *
   * All pairs at once: the squared norm of the sum of n unit vectors is n plus twice the sum of all pairs' cosines.
   *
   * @param ignored words to skip
   */
  of(texts: Int32Array, ignored: ReadonlySet<number>): number {
    const { ids, starts } = this.tokens;
    const sum = new Map<number, number>();
    let vectors = 0;
    for (const text of texts) {
      const words = [...new Set(ids.subarray(starts[text] ?? 0, starts[text + 1] ?? 0))].filter(
        (word) => !ignored.has(word),
      );
      const norm = Math.sqrt(words.reduce((total, word) => total + (this.weights[word] ?? 0) ** 2, 0));
      if (norm === 0) continue;
      vectors += 1;
      for (const word of words) sum.set(word, (sum.get(word) ?? 0) + (this.weights[word] ?? 0) / norm);
    }
    let square = 0;
    for (const value of sum.values()) square += value ** 2;
    return vectors < 2 ? 0 : (square - vectors) / (vectors * (vectors - 1));
  }
}
