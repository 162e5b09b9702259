/**
 * @file Prompt lookup decoding: drafts the tokens that followed an earlier occurrence of the last few tokens.
 *
 * Answers often repeat names, figures and sentences of the prompt.
 *
 * @source Saxena 2023, prompt lookup decoding (github.com/apoorvumang/prompt-lookup-decoding); verified as in Leviathan
 *   et al. 2023 (arXiv 2211.17192), section 2; greedy decoding is its special case without randomness
 */

/** Numbers of tokens that must match an earlier occurrence; the longer match is tried first. */
const matchLengths = [3, 2] as const;

/** Token ids are below 2^21. Keys of three tokens can collide, which is harmless because drafts are verified. */
const base = 2 ** 21;
const firstBase = 2 ** 11;

/** The tokens of a row, with an index of what followed each short token sequence. */
export class PromptLookup {
  private readonly tokens: number[] = [];
  /** Per match length: position of the token that last followed a sequence, by the sequence's key. */
  private readonly followers = matchLengths.map(() => new Map<number, number>());

  constructor(prompt: ArrayLike<number>) {
    for (let at = 0; at < prompt.length; at++) this.add(prompt[at] as number);
  }

  add(token: number): void {
    const place = this.tokens.length;
    for (const [at, length] of matchLengths.entries()) {
      if (place >= length) this.followers[at]?.set(this.lastKey(length), place);
    }
    this.tokens.push(token);
  }

  /** Up to `most` tokens that followed an earlier occurrence of the last tokens; none if there is no occurrence. */
  draft(most: number): number[] {
    for (const [at, length] of matchLengths.entries()) {
      const place = this.tokens.length < length ? undefined : this.followers[at]?.get(this.lastKey(length));
      if (place !== undefined) return this.tokens.slice(place, place + Math.max(0, most));
    }
    return [];
  }

  private lastKey(length: number): number {
    const [c = 0, b = 0, a = 0] = this.tokens.slice(-length).reverse();
    return (a % firstBase) * base * base + b * base + c;
  }
}
