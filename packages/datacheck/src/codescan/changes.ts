/** @file Changes to files as `diff -u` and git write them: the file as it will be, and which of its lines are new. */
import { type LanguageName, languageOfTag } from "./language.ts";
import { headOf, type Piece } from "./snippet.ts";

/** One file that changes. */
export interface ChangedFile {
  /** By the file's ending. */
  readonly language: LanguageName | undefined;
  /** Lines that stay and lines that are new. */
  readonly pieces: readonly Piece[];
  /** Lines of the whole text that are new. */
  readonly added: ReadonlySet<number>;
}

const hunk = /^@@ -\d{1,9}(,\d{1,9})? \+\d{1,9}/;
const header =
  /^(diff |index [\da-f]|@@ |--- |\+\+\+ |\\ No newline|(new|deleted) file|similarity|rename |old mode|new mode)/;

/** Where a change begins; -1 where the lines are none. */
export function changeStart(text: string, lines: readonly Piece[]): number {
  const heads = lines.slice(0, lookedAt).map((piece) => headOf(text, piece));
  return heads.findIndex(
    (head, at) =>
      hunk.test(head) ||
      (head.startsWith("diff --git ") && lines.length > at + 1) ||
      (head.startsWith("--- ") && (heads[at + 1]?.startsWith("+++ ") ?? false)),
  );
}
/** Lines before the first sign of a change: a mail or a sentence at most. */
const lookedAt = 200;

/** The files that lines of a change speak of. */
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
