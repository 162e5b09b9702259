/** @file Settings of a lexical index (BM25). */
import { type CutRules, defaultCut } from "../passages/passage.ts";
import type { Language } from "../terms/lexicon.ts";

/** How passages are split and scored. */
export interface LexicalSettings extends CutRules {
  /** BM25 k1: term frequency saturation, above 0. */
  readonly k1: number;
  /** BM25 b: length normalization, 0 to 1. */
  readonly b: number;
  /** Weight of a word in the title, relative to `bodyWeight`. */
  readonly titleWeight: number;
  readonly bodyWeight: number;
  readonly language: Language;
}

/**
 * Default settings.
 *
 * @source k1 and b: chosen over four collections, each left out once (bench/retrieve/constants.mjs,
 *   docs/benchmarks.md); weights of 1 for title and body: Thakur et al. 2021 (arXiv 2104.08663), section 4, multi-field
 *   BM25
 */
export const defaultSettings: LexicalSettings = {
  ...defaultCut,
  k1: 2,
  b: 0.5,
  titleWeight: 1,
  bodyWeight: 1,
  language: "english",
};

/**
 * The default settings with some changes.
 *
 * @throws {Error} "Internal: ..." if a number is out of range
 */
export function lexicalSettings(changed: Partial<LexicalSettings> = {}): LexicalSettings {
  const settings = { ...defaultSettings, ...changed };
  const { k1, b, titleWeight, bodyWeight, words, overlap } = settings;
  const weights = [titleWeight, bodyWeight];
  const fits =
    Number.isFinite(k1) &&
    k1 > 0 &&
    b >= 0 &&
    b <= 1 &&
    weights.every((weight) => Number.isFinite(weight) && weight >= 0) &&
    titleWeight + bodyWeight > 0 &&
    Number.isInteger(words) &&
    words >= 1 &&
    Number.isInteger(overlap) &&
    overlap >= 0 &&
    overlap < words &&
    (settings.language === "english" || settings.language === "any");
  if (!fits) throw new Error(`Internal: no such settings of an index: ${JSON.stringify(settings)}`);
  return settings;
}
