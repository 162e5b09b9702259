/**
 * @file What an index of words is built with.
 */
import { type CutRules, usualCut } from "../passages/cut-rules.ts";
import type { Language } from "../terms/lexicon.ts";

/** How passages are cut and scored. */
export interface LexicalSettings extends CutRules {
  /** How soon a repeated word stops counting, above 0. */
  readonly k1: number;
  /** How much a long field is held against a passage, 0 to 1. */
  readonly b: number;
  /** What a word in the title counts, where one in the body counts `bodyWeight`. */
  readonly titleWeight: number;
  readonly bodyWeight: number;
  readonly language: Language;
}

/**
 * The usual settings; none is tuned to a collection.
 *
 * @source k1 and b: castorini/anserini docs/regressions/regressions-msmarco-v1-passage.md, the defaults of all its BM25
 *   baselines; weights of 1 for title and body: Thakur et al. 2021 (arXiv 2104.08663), section 4, multi-field BM25
 */
export const usualSettings: LexicalSettings = {
  ...usualCut,
  k1: 0.9,
  b: 0.4,
  titleWeight: 1,
  bodyWeight: 1,
  language: "english",
};

/**
 * The usual settings with some changed.
 *
 * @throws {Error} "Internal: ..." where a number is out of its range
 */
export function lexicalSettings(changed: Partial<LexicalSettings> = {}): LexicalSettings {
  const settings = { ...usualSettings, ...changed };
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
