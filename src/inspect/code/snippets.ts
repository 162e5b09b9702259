/**
 * @file The code in an answer: fenced blocks, also one that is cut off, added lines of a diff, or the whole text.
 */
import { guessLanguage } from "./guess.ts";
import { type LanguageName, languageOfTag } from "./language.ts";

/** A piece of code and where it stands. */
export interface Snippet {
  readonly code: string;
  readonly language: LanguageName;
  /** For each line of the code the line of the text, counted from 0. */
  readonly lines: readonly number[];
  /** Characters before each line that are not the code's: 1 in a diff. */
  readonly mark: number;
  /** The fence was never closed: the answer was cut off. */
  readonly cut: boolean;
}

const opening = /^ {0,3}(?:>\s?)?(`{3,20}|~{3,20})[ \t]{0,9}([\w.+#{}-]{0,30})[^`\n]{0,200}$/;
const snippetsMost = 200;

/** All code of a text. A text without fences is code where much speaks for it. */
export function snippetsOf(text: string): Snippet[] {
  const lines = text.split("\n");
  const found: Snippet[] = [];
  let fenced = false;
  for (let at = 0; at < lines.length && found.length < snippetsMost; at++) {
    const line = lines[at] ?? "";
    const open = line.length > 300 ? null : opening.exec(line);
    if (open === null) continue;
    fenced = true;
    const [, fence = "", tag = ""] = open;
    let end = at + 1;
    while (end < lines.length && !closes(lines[end] ?? "", fence)) end += 1;
    const inner = lines.slice(at + 1, end).map((one, index) => ({ text: one, line: at + 1 + index }));
    push(found, inner, tag, end >= lines.length);
    at = end;
  }
  if (!fenced)
    push(
      found,
      lines.map((one, line) => ({ text: one, line })),
      "",
      false,
    );
  return found;
}

function closes(line: string, fence: string): boolean {
  const bare = line.slice(0, 60).trim().replace(/^>\s?/, "");
  return bare.length >= fence.length && bare === (fence[0] ?? "").repeat(bare.length);
}

interface Line {
  readonly text: string;
  readonly line: number;
}

function push(found: Snippet[], inner: readonly Line[], tag: string, cut: boolean): void {
  const diff = isDiff(inner, tag);
  const lines = diff ? added(inner) : inner;
  const code = lines.map(({ text }) => text).join("\n");
  const named = languageOfTag(tag);
  // a tag of another language settles it; a diff's says nothing of the language
  if (
    named === undefined &&
    tag !== "" &&
    !/^(diff|patch|text|txt|plain|plaintext|code|console|output)$/i.test(tag)
  )
    return;
  const language = named ?? guessLanguage(code);
  if (language !== undefined)
    found.push({ code, language, lines: lines.map(({ line }) => line), mark: diff ? 1 : 0, cut });
}

function isDiff(lines: readonly Line[], tag: string): boolean {
  if (/^(diff|patch)$/i.test(tag)) return true;
  return lines
    .slice(0, 20)
    .some(({ text }) => /^@@ -\d{1,9}(,\d{1,9})? \+\d{1,9}/.test(text) || /^diff --git /.test(text));
}

/** What a diff adds: the rest is not the answer's. */
function added(lines: readonly Line[]): Line[] {
  return lines.flatMap(({ text, line }) =>
    /^\+(?!\+\+ )/.test(text) ? [{ text: text.slice(1), line }] : [],
  );
}
