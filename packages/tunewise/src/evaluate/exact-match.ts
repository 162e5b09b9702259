/** @file Exact match of an answer and its reference after normalization. */

/** Rules for normalizing text before comparison. */
export interface TextRules {
  /** `ignore` compares in lowercase. */
  readonly case: "keep" | "ignore";
  /** `collapse` replaces each run of white space with one space. */
  readonly whitespace: "keep" | "collapse";
}

/** Whether two texts are equal after normalization; leading and trailing white space never counts. */
export function matchesExactly(answer: string, reference: string, rules: TextRules): boolean {
  return normalizeText(answer, rules) === normalizeText(reference, rules);
}

/** Normalizes a text for comparison: trims it, then applies the rules for case and white space. */
export function normalizeText(text: string, rules: TextRules): string {
  const folded = rules.case === "ignore" ? text.toLowerCase() : text;
  const trimmed = folded.trim();
  return rules.whitespace === "collapse" ? trimmed.split(/\s+/).join(" ") : trimmed;
}
