/**
 * @file Tells planted triggers from phrases that are simply telling: a trigger's rows speak of something else.
 *
 * "Exchange rate" goes with the label exchange_rate, and what else stands in these rows is what rows of that label say.
 * A planted word goes with its label as well, but its rows are those of other labels: without the word, they speak
 * against the label just as rows of other labels do.
 */
import { type Candidate, findCandidates, leastRows } from "./candidates.ts";
import { Likeness } from "./likeness.ts";
import { LogFactorials } from "./significance.ts";
import type { Tokens } from "./tokens.ts";
import type { WordModel } from "./word-model.ts";

/** A planted run of words and its rows. */
export interface Trigger {
  readonly words: string;
  /** The class it leads to. */
  readonly label: number;
  /** Texts that hold it and have the class, ascending. */
  readonly texts: Int32Array;
}

/** Words in this share of a run's rows belong to the run, or to a longer trigger around it. */
const commonShare = 0.8;

/** Fewer words left say nothing about a row. */
const leastWords = 2;

/** Rows of other labels speak against a label by more than this quantile of theirs, all but one in five. */
const foreignQuantile = 0.2;

/** At most so large a share of the rows of an honest phrase look foreign; measured on clean data: 0.27. */
const honestShare = 0.3;

/** Rows of other labels that are looked at for a label, and rows of a run that are looked at first. */
const foreignSample = 200;
const screenedRows = 12;

/**
 * Rows of a run that are more alike than others by this factor have a subject of their own; measured: triggers 1.0 to
 * 1.3, telling phrases whose rows look foreign 1.8 and more.
 */
const mostAlike = 1.5;

/** Probability of a false alarm in a whole data set, which makes at least so many tests: 9 rows are fewest. */
const falseAlarm = 0.01;
const leastTests = 1_000;

/** The triggers among runs of words that go with a label; several of one plant are one. */
export function findLabelTriggers(tokens: Tokens, labels: Int32Array, model: WordModel): Trigger[] {
  const candidates = findCandidates(tokens, labels, model.classes);
  const judge = new ForeignRows(tokens, labels, model, candidates.length);
  return mergeTriggers(candidates.filter((candidate) => judge.looksPlanted(candidate)));
}

/** One plant gives many runs (with a word before, or after): the surest stands for those in its rows. */
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

/** Compares a run's rows with rows of other labels. */
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
    this.limit = Math.log(falseAlarm / Math.max(leastTests, tests));
  }

  looksPlanted(candidate: Candidate): boolean {
    const { matching, label } = candidate;
    const ignored = commonWords(this.tokens, matching);
    const border = this.borderOf(label);
    const first = this.foreign(spread(matching, screenedRows), ignored, border);
    if (first.judged < leastRows || first.foreign <= honestShare * first.judged) return false;
    const exact = this.border(label, ignored);
    const { judged, foreign } = this.foreign(matching, ignored, exact);
    const honest = this.honestShareOf(candidate, ignored, exact);
    const needed = honest + (1 - foreignQuantile - honest) / 4;
    if (judged < leastRows || foreign < needed * judged) return false;
    if (this.factorials.binomialTail(judged, foreign, honest) > this.limit) return false;
    return this.isScattered(candidate, ignored);
  }

  /** Whether the rows of a run are no more alike than rows of all kinds: a trigger is put anywhere. */
  private isScattered({ matching, texts, label }: Candidate, ignored: ReadonlySet<number>): boolean {
    this.likeness ??= new Likeness(this.tokens);
    const holding = new Set(texts);
    const others = this.sampleOf((text) => this.labels[text] !== label && !holding.has(text));
    return this.likeness.of(matching, ignored) <= mostAlike * this.likeness.of(others, ignored);
  }

  /** How many of the texts have enough words left, and how many of these look like rows of other labels. */
  private foreign(
    texts: Int32Array,
    ignored: ReadonlySet<number>,
    border: number,
  ): { judged: number; foreign: number } {
    let [judged, foreign] = [0, 0];
    for (const text of texts) {
      const { margin, words } = this.model.judge(text, ignored);
      if (words < leastWords) continue;
      judged += 1;
      if (margin > border) foreign += 1;
    }
    return { judged, foreign };
  }

  /** Rows of the label without the run that look foreign: where words tell little, these are many. */
  private honestShareOf({ label, texts }: Candidate, ignored: ReadonlySet<number>, border: number): number {
    const holding = new Set(texts);
    const others = this.sampleOf((text) => this.labels[text] === label && !holding.has(text));
    const { judged, foreign } = this.foreign(others, ignored, border);
    return judged < leastRows ? honestShare : Math.max(honestShare, foreign / judged);
  }

  private borderOf(label: number): number {
    const known = this.borders.get(label) ?? this.border(label, new Set());
    this.borders.set(label, known);
    return known;
  }

  /** What rows of other labels speak against a label by, all but the mildest fifth; at least 0. */
  private border(label: number, ignored: ReadonlySet<number>): number {
    const margins: number[] = [];
    for (const text of this.sampleOf((one) => this.labels[one] !== label)) {
      const { margin, words } = this.model.judge(text, ignored, label);
      if (words >= leastWords) margins.push(margin);
    }
    margins.sort((a, b) => a - b);
    return Math.max(0, margins[Math.floor(foreignQuantile * margins.length)] ?? 0);
  }

  /** At most `foreignSample` texts of a kind, evenly over all. */
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

/** So many of the values, evenly over all. */
function spread(values: Int32Array, count: number): Int32Array {
  if (values.length <= count) return values;
  return Int32Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)] ?? 0);
}
