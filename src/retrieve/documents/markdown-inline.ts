/**
 * @file Markdown inside a line: marks taken off, and the cells of a table.
 */

/**
 * The words of a line: links and images give their text, emphasis and code lose their marks.
 *
 * Every pattern is bounded, since lines of a hostile text may be of any length.
 */
export function plainInline(text: string): string {
  return hideEscaped(text)
    .replaceAll(/!?\[([^[\]]{0,1000})\]\([^()\s]{0,2000}(?:\s+["'][^"'()]{0,500}["'])?\)/g, "$1")
    .replaceAll(/!?\[([^[\]]{1,1000})\]\[[^[\]]{0,200}\]/g, "$1")
    .replaceAll(/<(https?:[^<>\s]{1,2000})>/g, "$1")
    .replaceAll(/<\/?[a-z][a-z0-9-]{0,20}(?:\s[^<>]{0,500})?>/gi, " ")
    .replaceAll(/\*{1,3}(?=\S)|(?<=\S)\*{1,3}|`{1,3}/g, "")
    .replaceAll(/(?<![\p{L}\p{N}])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\p{L}\p{N}])/gu, "")
    .replaceAll(/[\ue021-\ue07e]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - hiddenFrom));
}

/** Escaped marks wait in a range of Unicode that texts leave to private use. */
const hiddenFrom = 0xe000;

function hideEscaped(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, mark: string) =>
    String.fromCharCode(hiddenFrom + mark.charCodeAt(0)),
  );
}

/** The cells of a table's line; `\|` is no border. */
export function splitCells(line: string): string[] {
  const inside = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => cell.replaceAll("\\|", "|").trim());
}

/** Whether a line is what stands below a table's header of so many cells. */
export function isTableRule(line: string, cells: number): boolean {
  if (!line.includes("-") || !/^[\s|:-]+$/.test(line)) return false;
  const parts = splitCells(line);
  return parts.length === cells && parts.every((part) => /^:?-+:?$/.test(part));
}
