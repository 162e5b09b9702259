/** @file Finds the code in a text: fenced, as diffs, between prose, or the entire text. */
import { changedFiles, changeStart } from "./changes.ts";
import { runsIn } from "./code-lines.ts";
import { fencedIn, isMarkdown } from "./fences.ts";
import { guessLanguage } from "./guess.ts";
import { languageOfTag } from "./language.ts";
import { headOf, type Piece, piecesOf, type Snippet, snippetFrom } from "./snippet.ts";

/** All code in a text, in order. Accepts any string; takes time linear in its length. */
export function snippetsOf(text: string): Snippet[] {
  return inLines(text, piecesOf(text), 0)
    .sort((a, b) => a.start - b.start)
    .slice(0, maxSnippets);
}
/** A text with more snippets is not a readable answer. */
const maxSnippets = 10_000;

/** Whether a text contains code in a scanned language. Reads only the first 20,000 characters. */
export function holdsCode(text: string): boolean {
  return snippetsOf(text.slice(0, 20_000)).some(({ language }) => language !== undefined);
}

/** Max nesting of Markdown blocks within Markdown blocks. */
const maxDepth = 3;

function inLines(text: string, lines: readonly Piece[], depth: number): Snippet[] {
  const { blocks, outside } = fencedIn(text, lines);
  return [
    ...blocks.flatMap(({ tag, pieces }) => inBlock(text, tag, pieces, depth)),
    ...outside.flatMap((run) => unfenced(text, run)),
  ];
}

function inBlock(text: string, tag: string, pieces: readonly Piece[], depth: number): Snippet[] {
  if (isMarkdown(tag)) return depth < maxDepth ? inLines(text, pieces, depth + 1) : [];
  if (/^(diff|patch|udiff)(-|$)/.test(tag)) return inChange(text, pieces);
  const tagged = languageOfTag(tag);
  if (tagged === undefined && mayBeCode.test(tag)) {
    const start = changeStart(text, pieces);
    if (start >= 0) return inChange(text, pieces.slice(start));
    return listed(snippetFrom(text, typed(text, pieces), guessLanguage));
  }
  const typedIn = tagged === "shell" || tagged === "python" ? typed(text, pieces) : pieces;
  return listed(snippetFrom(text, typedIn, () => tagged));
}
/** Tags that leave the language open. Any other tag names a language, even if it is not scanned. */
const mayBeCode = /^(code|snippet|source|)$/;

const prompt =
  /^\s{0,20}(>>> ?|\.\.\. ?|\$ |PS [^>]{0,80}> ?|(?:[\w.-]{1,40}@[\w.-]{1,40}[:~ ][^#$]{0,80})[$#] )/;

/** The input lines of a shell or Python session, if prompts show that it is one; otherwise all lines. */
function typed(text: string, pieces: readonly Piece[]): readonly Piece[] {
  const found = pieces.flatMap((piece) => {
    const match = prompt.exec(headOf(text, piece));
    return match === null ? [] : [{ ...piece, start: piece.start + match[0].length }];
  });
  const first = pieces.find((piece) => headOf(text, piece).trim() !== "");
  return found.length > 0 && first?.line === found[0]?.line ? found : pieces;
}

function inChange(text: string, pieces: readonly Piece[]): Snippet[] {
  const files = changedFiles(text, pieces);
  return files.flatMap(({ language, pieces: kept, added }) =>
    listed(snippetFrom(text, kept, (code) => language ?? guessLanguage(code), added)),
  );
}

/** Min code lines of a run between prose. */
const minStrong = 3;

/** Code without fences: a diff, the whole text, or runs of code lines between prose. */
function unfenced(text: string, lines: readonly Piece[]): Snippet[] {
  const start = changeStart(text, lines);
  if (start >= 0) return inChange(text, lines.slice(start));
  return runsIn(text, lines).flatMap(({ pieces, strong, whole }) => {
    const share = strong / pieces.length;
    const isCode = whole ? strong >= 1 && share >= 0.2 : strong >= minStrong && share >= 0.3;
    return isCode ? listed(snippetFrom(text, pieces, guessLanguage)) : [];
  });
}

function listed(snippet: Snippet | undefined): Snippet[] {
  return snippet === undefined ? [] : [snippet];
}
