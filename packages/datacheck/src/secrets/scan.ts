/**
 * @file Finds secrets and personal data in a text of any length: one pass for all keywords, and a bounded search around
 * each.
 */
import { eachKeyword } from "./keywords.ts";
import { findAtWord, findNumbers, personalWords } from "./personal-matches.ts";
import type { Found, SecretMatch } from "./rule.ts";
import { findSecrets, type Prefilter, prefilter } from "./secret-matches.ts";

/** Texts are scanned in parts, so that memory does not grow with the text. */
const partLength = 1 << 16;

/** Max matches returned for one text. */
const maxMatches = 10_000;

/**
 * Finds the secrets and personal data of a text, in order and without overlaps. Never throws, whatever the text.
 *
 * @param most max matches, after which the scan stops
 * @param alsoWeak whether to include values too weak to be reported, for callers that hide them
 * @param prefilter keywords and rules; by default those of `rules/all.ts`
 * @example
 * const [match] = scanText("call +43 664 88347291");
 */
export function scanText(
  text: string,
  most: number = maxMatches,
  alsoWeak = false,
  { table, rules }: Prefilter = prefilter(),
): SecretMatch[] {
  const all: Found[] = [];
  let state = 0;
  let pending: Found | undefined;
  let found: Found[] = [];
  for (let from = 0; from < text.length && all.length < most; from += partLength) {
    const to = Math.min(text.length, from + partLength);
    state = eachKeyword(table, text, from, to, state, (keyword, start, end) => {
      const of = rules[keyword];
      if (of !== undefined) findSecrets(text, of, { start, end }, found, alsoWeak);
      else findAtWord(text, personalWords[keyword - rules.length] ?? "", { start, end }, found);
    });
    findNumbers(text, from, to, found);
    if (found.length === 0) continue;
    pending = settle(found, pending, all);
    found = [];
  }
  if (pending !== undefined) all.push(pending);
  return all.slice(0, most).map(({ rank, ...told }) => told);
}

const weights = { error: 0, warning: 1, note: 2 } as const;

/**
 * Resolves overlapping matches: the more severe one wins, then the lower rank, then the longer one. Returns the last
 * match, which may still overlap with the next part.
 */
function settle(found: Found[], before: Found | undefined, settled: Found[]): Found | undefined {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let open = before;
  for (const one of found) {
    const last = settled.at(-1);
    if (last !== undefined && one.start < last.end) continue;
    if (open === undefined || one.start >= open.end) {
      if (open !== undefined) settled.push(open);
      open = one;
    } else if (isStronger(one, open)) open = one;
  }
  return open;
}

function isStronger(one: Found, other: Found): boolean {
  const graver = weights[one.severity] - weights[other.severity];
  if (graver !== 0) return graver < 0;
  if (one.rank !== other.rank) return one.rank < other.rank;
  return one.end - one.start > other.end - other.start;
}
