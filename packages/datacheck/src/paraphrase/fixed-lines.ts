/** @file Removes lines that many rows share: instructions that do not depend on what a row asks. */

/** A line in this many rows, and this share of them, is fixed. Shorter lines may be answer options. */
const [minRows, minShare, minCharacters] = [10, 0.01, 20];

/** The texts without fixed lines. A text that consists only of fixed lines is unchanged. */
export function withoutFixedLines(texts: readonly string[]): readonly string[] {
  const rowsWith = new Map<string, number>();
  for (const text of texts) {
    if (!text.includes("\n")) continue;
    for (const line of new Set(text.split("\n"))) {
      const key = line.trim();
      if (key.length >= minCharacters) rowsWith.set(key, (rowsWith.get(key) ?? 0) + 1);
    }
  }
  const least = Math.max(minRows, minShare * texts.length);
  const fixed = new Set([...rowsWith].flatMap(([line, rows]) => (rows >= least ? [line] : [])));
  if (fixed.size === 0) return texts;
  return texts.map((text) => {
    if (!text.includes("\n")) return text;
    const rest = text.split("\n").filter((line) => !fixed.has(line.trim()));
    return rest.join("\n").trim() === "" ? text : rest.join("\n");
  });
}
