/** @file Word n-grams of one to four words that enough texts share, with the texts that contain each. */
import type { Tokens } from "./tokens.ts";

/** The n-grams of one length. N-gram g occurs in `texts` from `starts[g]` to `starts[g + 1]`, ascending. */
export interface Grams {
  /** Number of words: n. */
  readonly order: number;
  readonly count: number;
  readonly starts: Int32Array;
  readonly texts: Int32Array;
  /** Position of the first occurrence of each n-gram in the tokens. */
  readonly places: Int32Array;
}

/** Maximum n. */
const longestGram = 4;

/**
 * Yields n-grams of 1 to `longestGram` words in at least `least` texts, one length after the other (Apriori).
 *
 * An n-gram is at most as frequent as the two shorter ones that it joins, so rare n-grams are never extended.
 */
export function* countGrams(tokens: Tokens, least: number): Generator<Grams> {
  let at: Int32Array<ArrayBuffer> = Int32Array.from(tokens.ids);
  let distinct = tokens.words.length;
  for (let order = 1; order <= longestGram; order += 1) {
    if (order > 1) ({ at, distinct } = join(tokens, at));
    const grams = collect(tokens, at, distinct, order, least);
    yield grams;
    distinct = grams.count;
    if (grams.count === 0) return;
  }
}

/** Numbers the n-grams one word longer: the n-gram at each position, or -1. */
function join(tokens: Tokens, at: Int32Array): { at: Int32Array<ArrayBuffer>; distinct: number } {
  const joined = new Int32Array(at.length).fill(-1);
  const pairs = new PairNumbers();
  for (let text = 0; text + 1 < tokens.starts.length; text += 1) {
    const end = (tokens.starts[text + 1] ?? 0) - 1;
    for (let place = tokens.starts[text] ?? 0; place < end; place += 1) {
      const [left, right] = [at[place] ?? -1, at[place + 1] ?? -1];
      if (left >= 0 && right >= 0) joined[place] = pairs.number(left, right);
    }
  }
  return { at: joined, distinct: pairs.size };
}

/** Drops n-grams in too few texts from `at`, which is renumbered, and lists the texts of the others. */
function collect(tokens: Tokens, at: Int32Array, distinct: number, order: number, least: number): Grams {
  const held = new Int32Array(distinct);
  eachHolding(tokens, at, distinct, (gram) => {
    held[gram] = (held[gram] ?? 0) + 1;
  });
  const renumbered = new Int32Array(distinct).fill(-1);
  let count = 0;
  for (let gram = 0; gram < distinct; gram += 1) {
    if ((held[gram] ?? 0) >= least) renumbered[gram] = count++;
  }
  const starts = new Int32Array(count + 1);
  for (let gram = 0; gram < distinct; gram += 1) {
    const now = renumbered[gram] ?? -1;
    if (now >= 0) starts[now + 1] = held[gram] ?? 0;
  }
  for (let gram = 0; gram < count; gram += 1)
    starts[gram + 1] = (starts[gram + 1] ?? 0) + (starts[gram] ?? 0);
  for (let place = 0; place < at.length; place += 1) {
    const gram = at[place] ?? -1;
    if (gram >= 0) at[place] = renumbered[gram] ?? -1;
  }
  const next = starts.slice(0, count);
  const texts = new Int32Array(starts[count] ?? 0);
  const places = new Int32Array(count).fill(-1);
  eachHolding(tokens, at, count, (gram, text, place) => {
    const index = next[gram] ?? 0;
    texts[index] = text;
    next[gram] = index + 1;
    if (places[gram] === -1) places[gram] = place;
  });
  return { order, count, starts, texts, places };
}

/** Calls back once per n-gram and text. */
function eachHolding(
  tokens: Tokens,
  at: Int32Array,
  distinct: number,
  found: (gram: number, text: number, place: number) => void,
): void {
  const last = new Int32Array(distinct).fill(-1);
  for (let text = 0; text + 1 < tokens.starts.length; text += 1) {
    const end = tokens.starts[text + 1] ?? 0;
    for (let place = tokens.starts[text] ?? 0; place < end; place += 1) {
      const gram = at[place] ?? -1;
      if (gram < 0 || last[gram] === text) continue;
      last[gram] = text;
      found(gram, text, place);
    }
  }
}

/** Numbers pairs of integers in order of first use: an open-addressing hash table. */
class PairNumbers {
  size = 0;
  private left = new Int32Array(1 << 12);
  private right = new Int32Array(1 << 12);
  private numbers = new Int32Array(1 << 12).fill(-1);

  number(left: number, right: number): number {
    if (2 * this.size >= this.numbers.length) this.grow();
    const slot = this.slotOf(left, right);
    const known = this.numbers[slot] ?? -1;
    if (known >= 0) return known;
    this.left[slot] = left;
    this.right[slot] = right;
    this.numbers[slot] = this.size;
    return this.size++;
  }

  private slotOf(left: number, right: number): number {
    const mask = this.numbers.length - 1;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (this.numbers[slot] !== -1 && (this.left[slot] !== left || this.right[slot] !== right)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    const { left, right, numbers } = this;
    this.left = new Int32Array(2 * left.length);
    this.right = new Int32Array(2 * left.length);
    this.numbers = new Int32Array(2 * left.length).fill(-1);
    for (let slot = 0; slot < numbers.length; slot += 1) {
      const known = numbers[slot] ?? -1;
      if (known < 0) continue;
      const place = this.slotOf(left[slot] ?? 0, right[slot] ?? 0);
      this.left[place] = left[slot] ?? 0;
      this.right[place] = right[slot] ?? 0;
      this.numbers[place] = known;
    }
  }
}
