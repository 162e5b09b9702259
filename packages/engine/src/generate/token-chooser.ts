/** @file Chooses the tokens of one answer, and detects its end: an end token, or a complete constraint. */
import type { Random } from "@tunewise/core/math";
import type { AnswerConstraint } from "../constrain/constraint.ts";
import type { DecodeOptions } from "../engine.ts";
import { chooseToken } from "./choose-token.ts";

/** Settings for choosing an answer's tokens. */
export type ChooserOptions = Pick<DecodeOptions, "temperature" | "topP" | "endIds" | "constraint">;

/** The chooser of one answer. */
export class TokenChooser {
  private readonly options: ChooserOptions;
  private readonly random: Random;
  private readonly constraint: AnswerConstraint | null;

  constructor(options: ChooserOptions, random: Random) {
    this.options = options;
    this.random = random;
    this.constraint = options.constraint?.begin() ?? null;
  }

  /** Whether the answer is complete, so that no token can follow. */
  get isComplete(): boolean {
    return this.constraint?.isComplete ?? false;
  }

  /**
   * The next token; `null` where the answer ends.
   *
   * @param logits `[V]`
   * @throws {TunewiseError} `CONSTRAINT_DEAD_END`
   */
  choose(logits: Float32Array): number | null {
    const { options, random, constraint } = this;
    const isGreedy = options.temperature <= 0;
    let id = constraint && !isGreedy ? -1 : chooseToken(logits, options, random);
    // the likeliest token is usually allowed, so the mask of all tokens is computed only if it is not
    if (constraint && !(id >= 0 && this.fits(constraint, id))) {
      id = chooseToken(this.allowed(constraint, logits), options, random);
    }
    if (options.endIds.includes(id)) return null;
    constraint?.add(id);
    return id;
  }

  private fits(constraint: AnswerConstraint, id: number): boolean {
    return this.options.endIds.includes(id) ? constraint.mayEnd : constraint.allows(id);
  }

  /** The logits, with minus infinity for tokens that are not allowed. */
  private allowed(constraint: AnswerConstraint, logits: Float32Array): Float32Array {
    const marks = constraint.allowed();
    const left = logits.map((logit, id) => (marks[id] === 1 ? logit : Number.NEGATIVE_INFINITY));
    for (const id of this.options.endIds) {
      left[id] = constraint.mayEnd ? (logits[id] as number) : Number.NEGATIVE_INFINITY;
    }
    return left;
  }
}
