/** @file Converts results about files to findings located in the original texts. */
import { areRelated, type CodeFinding } from "../codescan/index.ts";
import type { CodeFile } from "./code-files.ts";
import type { FoundCode } from "./found-code.ts";
import type { SarifResult } from "./read-sarif.ts";

const titleChars = 160;
const excerptChars = 120;

/** Findings by the index of their text. */
export function placeResults(
  source: string,
  results: readonly SarifResult[],
  files: readonly CodeFile[],
  texts: readonly string[],
): Map<number, FoundCode[]> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const placed = new Map<number, FoundCode[]>();
  for (const result of results) {
    const file = byName.get(result.file);
    for (const { text, snippet } of file?.places ?? []) {
      const found = placed.get(text) ?? [];
      placed.set(text, found);
      const one = findingAt(source, result, snippet, texts[text] ?? "");
      if (one !== null) found.push(one);
    }
  }
  return placed;
}

function findingAt(
  source: string,
  { rule, cwes, severity, message, help, line, lastLine, column }: SarifResult,
  { language, pieces, added }: CodeFile["places"][number]["snippet"],
  text: string,
): FoundCode | null {
  const [piece, last] = [pieces[line - 1], pieces[lastLine - 1] ?? pieces.at(-1)];
  const [cwe] = cwes;
  if (piece === undefined || last === undefined || cwe === undefined || language === undefined) return null;
  if (added !== undefined && !added.has(piece.line)) return null;
  const start = Math.min(piece.end, piece.start + column - 1);
  const show = areRelated(cwe, secretInSource) ? masked : (shown: string): string => shown;
  return {
    rule: `${source}/${rule}`,
    cwe,
    title: show(titleOf(message, rule)),
    language,
    severity,
    line: piece.line + 1,
    column: start - piece.start + 1,
    start,
    end: Math.max(start, last.end),
    excerpt: show(text.slice(piece.start, piece.end).trim()).slice(0, excerptChars),
    certainty: "certain" as CodeFinding["certainty"],
    sources: [source],
    lastLine: last.line + 1,
    ...(/^https?:\/\/[^\s"<>]{1,280}$/.test(help) ? { help } : {}),
  };
}

const secretInSource = 798;

/** Masks quoted text, which may be the secret that was found. */
function masked(text: string): string {
  return text.replace(/(["'`])[^"'`]{1,400}(["'`]?)/g, "$1***$2");
}

/** The first sentence of a message, on one line. */
function titleOf(message: string, rule: string): string {
  const flat = message.replace(/[\s\p{Cc}]{1,500}/gu, " ").trim() || rule;
  const end = flat.search(/[.:] [A-Z]|\.$/);
  const sentence = end < 0 ? flat : flat.slice(0, end);
  return sentence.length <= titleChars ? sentence : `${sentence.slice(0, titleChars).trimEnd()}…`;
}
