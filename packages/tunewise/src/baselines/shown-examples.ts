/** @file Selects few-shot examples for a question, and answers by a vote of its nearest neighbors. */

import { shuffle } from "@tunewise/core/math";
import type { Example } from "@tunewise/core/rows";
import { answerOf, promptOf } from "@tunewise/datacheck/dataset";
import { buildLexicalIndex, type Hit, type LexicalIndex, searchLexical } from "../retrieve/index.ts";

/** Training rows, searchable by the words of a question. */
export class ShownExamples {
  readonly #rows: readonly Example[];
  readonly #index: LexicalIndex;
  readonly #fixed: readonly Example[];

  /** @param seed selects the fixed examples */
  constructor(rows: readonly Example[], seed: number) {
    this.#rows = rows;
    this.#index = buildLexicalIndex(
      rows.map((row) => ({ document: row.file, title: "", place: null, text: promptOf(row) })),
    );
    this.#fixed = distinctFirst(shuffle(rows, seed));
  }

  /** The same examples for every question, with as many distinct answers as possible. */
  fixed(count: number): readonly Example[] {
    return this.#fixed.slice(0, count);
  }

  /** The rows most similar to a question, least similar first, so that the nearest is next to the question. */
  nearest(question: Example, count: number): readonly Example[] {
    const found = this.#search(question, count).map(({ passage }) => this.#rows[passage] as Example);
    // filled with fixed examples if too few rows share a word with the question
    const rest = this.#fixed.filter((row) => !found.includes(row)).slice(0, count - found.length);
    return [...rest, ...found.reverse()];
  }

  /**
   * The answer of the most similar rows, weighted by score.
   *
   * @source k nearest neighbors; weights by score, as Dudani 1976, IEEE Trans. SMC 6, 325-327
   */
  vote(question: Example, count: number): string {
    const weights = new Map<string, number>();
    for (const { passage, score } of this.#search(question, count)) {
      const answer = answerOf(this.#rows[passage] as Example);
      weights.set(answer, (weights.get(answer) ?? 0) + score);
    }
    const best = [...weights].reduce((most, one) => (one[1] > most[1] ? one : most), ["", 0] as const);
    return best[0];
  }

  #search(question: Example, count: number): Hit[] {
    return searchLexical(this.#index, promptOf(question), { most: Math.max(1, count) });
  }
}

/** Orders rows so that distinct answers come first, in rounds. */
function distinctFirst(rows: readonly Example[]): readonly Example[] {
  const rounds: Example[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const round = seen.get(answerOf(row)) ?? 0;
    seen.set(answerOf(row), round + 1);
    const own = rounds[round] ?? [];
    own.push(row);
    rounds[round] = own;
  }
  return rounds.flat();
}
