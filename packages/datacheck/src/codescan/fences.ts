/**
 * @file Fenced Markdown blocks as people and models write them: in lists and quotes, nested, truncated, unclosed.
 *
 * @source CommonMark 0.31, section 4.5. Also accepted: any indentation, and a new code block that ends an open one
 */
import { languageOfTag } from "./language.ts";
import { headOf, type Piece } from "./snippet.ts";

/** A fenced block. */
export interface Block {
  /** The first word after the opening fence, in lower case, or "". */
  readonly tag: string;
  /** The block's lines without the fence's indentation. */
  readonly pieces: readonly Piece[];
}

/** The fenced blocks of a text, and the lines outside of them. */
export interface Fenced {
  readonly blocks: readonly Block[];
  /** Runs of unfenced lines. */
  readonly outside: readonly (readonly Piece[])[];
}

const opening =
  /^((?:[ \t]{0,40}>){0,4}[ \t]{0,40}(?:(?:[-*+]|\d{1,3}[.)])[ \t]{1,4}){0,2})(`{3,40}|~{3,40})([^\n]{0,200})/;
const closing = /^((?:[ \t]{0,40}>){0,4}[ \t]{0,40})(`{3,40}|~{3,40})[ \t\r]{0,20}$/;

interface Fence {
  /** Quote marks, indentation and list marker before the fence. */
  readonly prefix: string;
  readonly mark: string;
  readonly tag: string;
}

/** Splits a text at its fences. */
export function fencedIn(text: string, lines: readonly Piece[]): Fenced {
  const blocks: Block[] = [];
  const outside: Piece[][] = [[]];
  let fence: Fence | undefined;
  let nested = 0;
  let inside: Piece[] = [];
  const close = (): void => {
    if (fence !== undefined) blocks.push({ tag: fence.tag, pieces: inside });
    [fence, nested, inside] = [undefined, 0, []];
    outside.push([]);
  };
  for (const piece of lines) {
    const head = headOf(text, piece);
    const opened = opens(head);
    if (fence === undefined) {
      if (opened === undefined) outside.at(-1)?.push(piece);
      else fence = opened;
      continue;
    }
    const sameMark = opened !== undefined && opened.mark === fence.mark && opened.tag !== "";
    if (sameMark && isMarkdown(fence.tag)) nested += 1;
    else if (sameMark && replaces(opened, fence)) {
      close();
      fence = opened;
      continue;
    } else if (closes(head, fence)) {
      if (nested === 0) {
        close();
        continue;
      }
      nested -= 1;
    }
    inside.push(behindPrefix(head, piece, fence));
  }
  if (fence !== undefined) close();
  return { blocks, outside: outside.filter((run) => run.length > 0) };
}

/** Whether a block is Markdown and may contain blocks itself. */
export function isMarkdown(tag: string): boolean {
  return /^(markdown|md|mdx|rmd|qmd|rst|gfm)$/.test(tag);
}

function opens(head: string): Fence | undefined {
  const [, prefix = "", mark = "", info = ""] = opening.exec(head) ?? [];
  if (mark === "" || (mark.startsWith("`") && info.includes("`"))) return undefined;
  const [, tag = ""] = /^[\s{.]{0,10}(?:lang(?:uage)?[-=])?([\w+#-]{1,40})/.exec(info) ?? [];
  return { prefix, mark, tag: tag.toLowerCase() };
}

function closes(head: string, { prefix, mark }: Fence): boolean {
  const [, before = "", found = ""] = closing.exec(head) ?? [];
  return found[0] === mark[0] && found.length >= mark.length && before.length <= prefix.length + 3;
}

/** A fence with a language tag ends a block that was never closed. */
function replaces(opened: Fence, { prefix }: Fence): boolean {
  return opened.prefix.length <= prefix.length && languageOfTag(opened.tag) !== undefined;
}

/** A line without the quote marks and indentation of the opening fence. */
function behindPrefix(head: string, piece: Piece, { prefix }: Fence): Piece {
  let at = 0;
  for (const mark of prefix) {
    const here = head[at];
    if (here === ">" ? mark === ">" : here === " " || here === "\t") at += 1;
  }
  return at === 0 ? piece : { ...piece, start: piece.start + at };
}
