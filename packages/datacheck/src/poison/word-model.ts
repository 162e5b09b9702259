/** @file Leave-one-out naive Bayes: the class that a row's words predict, estimated without that row. */
import type { Tokens } from "./tokens.ts";

/** Smoothing: number of words' worth of the complete data set added to each class. */
const smoothing = 100;

/** Maximum size of the table of words and classes; beyond it, the rarest words are dropped. */
const tableLimit = 2 ** 25;

/** Word counts by class. */
export class WordModel {
  readonly classes: number;
  private readonly tokens: Tokens;
  private readonly labels: Int32Array;
  /** Row of the table for each word, or -1. */
  private readonly rowOf: Int32Array;
  private readonly counts: Float32Array;
  private readonly logs: Float32Array;
  /** Number of words of each class. */
  private readonly sizes: Float64Array;
  /** Share of a word in all texts, times `smoothing`. */
  private readonly priors: Float64Array;

  /**
   * @param labels class of each text, from 0
   * @param classes number of classes
   */
  constructor(tokens: Tokens, labels: Int32Array, classes: number) {
    this.tokens = tokens;
    this.labels = labels;
    this.classes = classes;
    const all = new Int32Array(tokens.words.length);
    for (const id of tokens.ids) all[id] = (all[id] ?? 0) + 1;
    this.rowOf = tableRows(all, Math.max(1, Math.floor(tableLimit / classes)));
    const known = this.rowOf.reduce((most, row) => Math.max(most, row + 1), 0);
    this.counts = new Float32Array(known * classes);
    this.sizes = new Float64Array(classes);
    this.priors = new Float64Array(known);
    let total = 0;
    for (let text = 0; text < labels.length; text += 1) {
      const label = labels[text] ?? 0;
      for (const row of this.rowsOf(text)) {
        const cell = row * classes + label;
        this.counts[cell] = (this.counts[cell] ?? 0) + 1;
        this.sizes[label] = (this.sizes[label] ?? 0) + 1;
        this.priors[row] = (this.priors[row] ?? 0) + 1;
        total += 1;
      }
    }
    for (let row = 0; row < known; row += 1) this.priors[row] = (smoothing * (this.priors[row] ?? 0)) / total;
    this.logs = this.logTable(known);
  }

  /**
   * How much better another class explains the words of a text than its own class, in nats. Its own class is estimated
   * without it. All classes have the same prior.
   *
   * @param ignored words to skip, by number
   * @param against the class to compare with; default the text's own
   */
  judge(text: number, ignored: ReadonlySet<number>, against: number = this.labels[text] ?? 0): Judgement {
    const { classes, logs } = this;
    const scores = new Float64Array(classes);
    const own = this.labels[text] ?? 0;
    const rows = this.rowsOf(text, ignored);
    for (const row of rows) {
      const start = row * classes;
      for (let k = 0; k < classes; k += 1) scores[k] = (scores[k] ?? 0) + (logs[start + k] ?? 0);
    }
    scores[own] = this.withoutItself(text, own, rows);
    let best = -1;
    for (let k = 0; k < classes; k += 1) {
      if (k !== against && (best < 0 || (scores[k] ?? 0) > (scores[best] ?? 0))) best = k;
    }
    return { best, margin: (scores[best] ?? 0) - (scores[against] ?? 0), words: rows.length };
  }

  private withoutItself(text: number, own: number, rows: readonly number[]): number {
    const mine = new Map<number, number>();
    let size = 0;
    for (const row of this.rowsOf(text)) {
      mine.set(row, (mine.get(row) ?? 0) + 1);
      size += 1;
    }
    let score = 0;
    const whole = Math.log((this.sizes[own] ?? 0) - size + smoothing);
    for (const row of rows) {
      const others = (this.counts[row * this.classes + own] ?? 0) - (mine.get(row) ?? 0);
      score += Math.log(others + (this.priors[row] ?? 0)) - whole;
    }
    return score;
  }

  private logTable(known: number): Float32Array {
    const logs = new Float32Array(known * this.classes);
    const whole = this.sizes.map((size) => Math.log(size + smoothing));
    for (let row = 0; row < known; row += 1) {
      for (let k = 0; k < this.classes; k += 1) {
        const cell = row * this.classes + k;
        logs[cell] = Math.log((this.counts[cell] ?? 0) + (this.priors[row] ?? 0)) - (whole[k] ?? 0);
      }
    }
    return logs;
  }

  private rowsOf(text: number, ignored?: ReadonlySet<number>): number[] {
    const { ids, starts } = this.tokens;
    const rows: number[] = [];
    for (let place = starts[text] ?? 0; place < (starts[text + 1] ?? 0); place += 1) {
      const id = ids[place] ?? 0;
      const row = this.rowOf[id] ?? -1;
      if (row >= 0 && !ignored?.has(id)) rows.push(row);
    }
    return rows;
  }
}

/** The class predicted by the words of a text. */
interface Judgement {
  /** The best of the other classes. */
  readonly best: number;
  /** Log odds of `best` over the class compared with, nats. */
  readonly margin: number;
  /** Number of words used. */
  readonly words: number;
}

/** Words seen at least twice get a row, the most frequent first if there are too many. */
function tableRows(counts: Int32Array, most: number): Int32Array {
  const rows = new Int32Array(counts.length).fill(-1);
  let words = [...counts.keys()].filter((word) => (counts[word] ?? 0) > 1);
  if (words.length > most) {
    words = words.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0)).slice(0, most);
  }
  for (const [row, word] of words.entries()) rows[word] = row;
  return rows;
}
