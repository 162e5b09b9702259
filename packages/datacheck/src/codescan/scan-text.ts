/** @file Findings in the code of a text, located in the whole text. */
import { lineAt, lineStarts } from "./engine/lines.ts";
import type { CodeFinding } from "./finding.ts";
import type { LanguageName } from "./language.ts";
import type { Snippet } from "./snippet.ts";
import { snippetsOf } from "./snippets.ts";
import { isWarnedOf } from "./warned-of.ts";

/** Scans a text that consists only of code. */
export type ScanCode = (text: string, language?: LanguageName) => CodeFinding[];

/**
 * Scans the code in a text. Lines, columns and offsets refer to the whole text. Findings in code that the text shows as
 * a warning have low severity, since such code teaches to avoid the weakness.
 */
export function scanText(scanCode: ScanCode, text: string): CodeFinding[] {
  const snippets = snippetsOf(text).filter(({ language }) => language !== undefined);
  if (snippets.length === 0) return [];
  const starts = lineStarts(text);
  return snippets.flatMap((snippet) => {
    const found = scanSnippet(scanCode, snippet, starts);
    const isShown = found.some(({ severity }) => severity !== "low") && isWarnedOf(text, snippet);
    return isShown ? found.map((one) => ({ ...one, severity: "low" as const })) : found;
  });
}

function scanSnippet(
  scanCode: ScanCode,
  { language, code, pieces, added }: Snippet,
  starts: readonly number[],
): CodeFinding[] {
  const own = lineStarts(code);
  const inWhole = (offset: number): number => {
    const index = lineAt(own, offset);
    return (pieces[index]?.start ?? 0) + offset - (own[index] ?? 0);
  };
  return scanCode(code, language).flatMap((found) => {
    const start = inWhole(found.start);
    const line = lineAt(starts, start);
    if (added !== undefined && !added.has(line)) return [];
    const column = start - (starts[line] ?? 0) + 1;
    const { builtIn } = found;
    const built = builtIn === undefined ? {} : { builtIn: (pieces[builtIn - 1]?.line ?? 0) + 1 };
    return [{ ...found, line: line + 1, column, start, end: inWhole(found.end), ...built }];
  });
}
