/** @file Reads diffs as `diff -u` and git write them: the file after the change, and which of its lines are new. */
import { type LanguageName, languageOfTag } from "./language.ts";
import { headOf, type Piece } from "./snippet.ts";

/** One changed file. */
export interface ChangedFile {
  /** Derived from the file extension. */
  readonly language: LanguageName | undefined;
  /** Unchanged and new lines, without removed ones. */
  readonly pieces: readonly Piece[];
  /** Line numbers in the whole text of the new lines. */
  readonly added: ReadonlySet<number>;
}

const hunk = /^@@ -\d{1,9}(,\d{1,9})? \+\d{1,9}/;
const header =
  /^(diff |index [\da-f]|@@ |--- |\+\+\+ |\\ No newline|(new|deleted) file|similarity|rename |old mode|new mode)/;

/** The index of the first line of a diff, or -1 if the lines contain none. */
export function changeStart(text: string, lines: readonly Piece[]): number {
  const heads = lines.slice(0, lookedAt).map((piece) => headOf(text, piece));
  return heads.findIndex(
    (head, at) =>
      hunk.test(head) ||
      (head.startsWith("diff --git ") && lines.length > at + 1) ||
      (head.startsWith("--- ") && (heads[at + 1]?.startsWith("+++ ") ?? false)),
  );
}
/** Max lines before the first sign of a diff, such as an email header or an introduction. */
const lookedAt = 200;

/** The files changed by a diff. */
export function changedFiles(text: string, lines: readonly Piece[]): ChangedFile[] {
  const files: ChangedFile[] = [];
  let language: LanguageName | undefined;
  let pieces: Piece[] = [];
  let added = new Set<number>();
  const end = (): void => {
    if (added.size > 0) files.push({ language, pieces, added });
    [language, pieces, added] = [undefined, [], new Set()];
  };
  for (const piece of lines) {
    const head = headOf(text, piece);
    if (header.test(head)) {
      if (/^(diff |--- )/.test(head)) end();
      const [, ending] = /^(?:\+\+\+|diff --git) [^\t]{0,250}\.(\w{1,10})\s{0,5}(\t|$)/.exec(head) ?? [];
      if (ending !== undefined) language = languageOfTag(ending);
    } else if (head.startsWith("+")) {
      added.add(piece.line);
      pieces.push({ ...piece, start: piece.start + 1 });
    } else if (!head.startsWith("-")) {
      pieces.push(head.startsWith(" ") ? { ...piece, start: piece.start + 1 } : piece);
    }
  }
  end();
  return files;
}
