/** @file Word-level diff of an answer and its reference. */

/** A span of text: in both, only in the reference, or only in the answer. */
export interface DiffPart {
  readonly kind: "same" | "missing" | "added";
  readonly text: string;
}

/** Length limit of compared texts: the table grows with the product of both lengths. */
const wordsMax = 600;
/** Minimum common fraction of the longer text's words for marks to be useful. */
const commonShareMin = 0.25;

/**
 * Compares word by word, by longest common subsequence.
 *
 * @returns `null` if the texts are too long or have too little in common
 * @source Wagner and Fischer 1974, "The string-to-string correction problem", on words
 */
export function diffWords(reference: string, answer: string): DiffPart[] | null {
  if (reference.length + answer.length > 20 * wordsMax) return null;
  const [left, right] = [wordsOf(reference), wordsOf(answer)];
  if (left.length > wordsMax || right.length > wordsMax) return null;
  const pairs = commonPairs(left, right);
  const isWord = (word: string | undefined): boolean => word !== undefined && /\S/.test(word);
  const common = pairs.filter(([i]) => isWord(left[i])).length;
  const longer = Math.max(left.filter(isWord).length, right.filter(isWord).length);
  if (common < commonShareMin * longer) return null;
  return partsFrom(left, right, pairs);
}

/**
 * Splits text into runs of letters and digits, single other characters, and spaces, so that punctuation is compared
 * separately.
 */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

function commonPairs(left: readonly string[], right: readonly string[]): [number, number][] {
  const width = right.length + 1;
  const longest = new Uint16Array((left.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function partsFrom(
  left: readonly string[],
  right: readonly string[],
  pairs: readonly (readonly [number, number])[],
): DiffPart[] {
  const parts: DiffPart[] = [];
  const add = (kind: DiffPart["kind"], words: readonly string[]): void => {
    if (words.length === 0) return;
    const last = parts.at(-1);
    if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + words.join("") };
    else parts.push({ kind, text: words.join("") });
  };
  let [i, j] = [0, 0];
  for (const [a, b] of [...pairs, [left.length, right.length] as const]) {
    add("missing", left.slice(i, a));
    add("added", right.slice(j, b));
    add("same", left.slice(a, a + 1));
    [i, j] = [a + 1, b + 1];
  }
  return parts;
}
