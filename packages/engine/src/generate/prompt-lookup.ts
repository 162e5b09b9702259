/**
 * @file Prompt look-up: drafts the next tokens by what followed the last few tokens earlier in prompt and answer.
 *   Names, figures and sentences of a prompt are often said again.
 *
 * @source Saxena 2023, prompt lookup decoding (github.com/apoorvumang/prompt-lookup-decoding); verified as in Leviathan
 *   et al. 2023 (arXiv 2211.17192), section 2, of which greedy decoding is the case of certainty
 */

/** Tokens that must have been said before; the longer match is tried first. */
const matchLengths = [3, 2] as const;

/** Token ids are below 2^21, and a key of three must be exact enough to be useful, not unique: drafts are verified. */
const base = 2 ** 21;
const firstBase = 2 ** 11;

/** The tokens of a row, and where each few of them were followed by what. */
export class PromptLookup {
  private readonly tokens: number[] = [];
  /** Place of the token that followed, by the tokens before it; the latest one. */
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

  /** Up to `most` tokens that followed when the last ones were said before; none if they were not. */
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
