/**
 * @file English words that say nothing about a text.
 */

/**
 * The 33 words that Lucene's English analyzer leaves out.
 *
 * @source apache/lucene lucene/analysis/common/src/java/org/apache/lucene/analysis/en/EnglishAnalyzer.java,
 *   `ENGLISH_STOP_WORDS_SET`, version 9
 */
export const stopWords: ReadonlySet<string> = new Set(
  (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they " +
    "this to was will with"
  ).split(" "),
);
