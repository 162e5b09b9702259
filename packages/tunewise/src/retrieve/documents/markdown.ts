/**
 * @file Markdown reader: headings, paragraphs, list items, tables and code, line by line.
 *
 * @source CommonMark 0.31.2, sections 4 and 5; GitHub Flavored Markdown 0.29, section 4.10 (tables)
 */
import { linesOf } from "./lines.ts";
import { Outline } from "./outline.ts";
import { rowText } from "./record-text.ts";
import type { Block, Reading } from "./source-document.ts";

/** Reads the blocks of a Markdown text; front matter provides the title, comments and link targets are dropped. */
export function readMarkdown(text: string): Reading {
  const reader = new MarkdownReader(linesOf(withoutComments(text)));
  reader.read();
  return reader.outline.finish();
}

/** Replaces comments by their line breaks, so that line numbers stay correct. */
function withoutComments(text: string): string {
  let kept = "";
  let at = 0;
  for (;;) {
    const start = text.indexOf("<!--", at);
    const end = start < 0 ? -1 : text.indexOf("-->", start + 4);
    if (end < 0) return kept + text.slice(at);
    kept += text.slice(at, start) + "\n".repeat(linesOf(text.slice(start, end)).length - 1);
    at = end + 3;
  }
}

const fence = /^ {0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}(#{1,6})(?:\s|$)/;
const underline = /^ {0,3}(=+|-+)\s*$/;
const item = /^(\s*)(?:[-*+]|\d{1,9}[.)])(?:\s+|$)/;
const definition = /^ {0,3}\[[^\]]{1,200}\]:\s*\S/;

class MarkdownReader {
  readonly outline = new Outline();
  readonly #lines: readonly string[];
  #at = 0;
  #held: string[] = [];
  #start = 0;
  #kind: Block["kind"] = "text";

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  read(): void {
    this.#frontMatter();
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = unquoted(this.#lines[this.#at] as string);
      if (line.trim() === "") this.#flush();
      else if (fence.test(line)) this.#code(line);
      else if (heading.test(line)) this.#heading(line);
      else if (this.#isUnderlined(line)) this.#flush();
      else if (isRule(line) || definition.test(line)) this.#flush();
      else if (this.#isTable(line)) this.#table(line);
      else this.#words(line);
    }
    this.#flush();
  }

  /** Front matter: `title: ...` between two lines of `---` at the start of the text is the document's title. */
  #frontMatter(): void {
    if (this.#lines[0]?.trimEnd() !== "---") return;
    const end = this.#lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
    if (end < 0) return;
    const title = this.#lines.slice(1, end).find((line) => line.startsWith("title:"));
    const words = title
      ?.slice("title:".length)
      .trim()
      .replaceAll(/^["']|["']$/g, "");
    if (words) this.outline.heading(0, words, { unit: "line", number: 1 });
    this.#at = end + 1;
  }

  #code(opening: string): void {
    this.#flush();
    const mark = (fence.exec(opening) as RegExpExecArray)[1] as string;
    const start = this.#at + 1;
    const code: string[] = [];
    for (this.#at++; this.#at < this.#lines.length; this.#at++) {
      const line = unquoted(this.#lines[this.#at] as string);
      const closing = fence.exec(line)?.[1];
      if (closing?.startsWith(mark) && line.trim() === closing) break;
      code.push(line);
    }
    this.outline.block("code", code.join("\n"), { unit: "line", number: start });
  }

  #heading(line: string): void {
    this.#flush();
    const level = heading.exec(line)?.[1]?.length ?? 1;
    const words = line.trim().slice(level).trim();
    const end = /(?:^|\s)#+$/.exec(words)?.index ?? words.length;
    this.outline.heading(level, plainInline(words.slice(0, end)), { unit: "line", number: this.#at + 1 });
  }

  /** Setext heading: a paragraph that the line below it turns into a heading. */
  #isUnderlined(line: string): boolean {
    const mark = underline.exec(line)?.[1];
    if (mark === undefined || this.#held.length === 0 || this.#kind !== "text") return false;
    const words = plainInline(this.#held.join(" "));
    this.#held = [];
    this.outline.heading(mark.startsWith("=") ? 1 : 2, words, { unit: "line", number: this.#start });
    return true;
  }

  #isTable(line: string): boolean {
    return (
      line.includes("|") && isTableRule(unquoted(this.#lines[this.#at + 1] ?? ""), splitCells(line).length)
    );
  }

  #table(line: string): void {
    this.#flush();
    const header = splitCells(line).map(plainInline);
    for (this.#at += 2; this.#at < this.#lines.length; this.#at++) {
      const row = unquoted(this.#lines[this.#at] as string);
      if (!row.includes("|")) break;
      const place = { unit: "line", number: this.#at + 1 } as const;
      this.outline.block("row", rowText(header, splitCells(row).map(plainInline)), place);
    }
    this.#at--;
  }

  #words(line: string): void {
    const mark = item.exec(line);
    if (mark !== null) {
      this.#flush();
      this.#kind = "item";
    }
    if (this.#held.length === 0) this.#start = this.#at + 1;
    this.#held.push(mark === null ? line.trim() : line.slice(mark[0].length));
  }

  #flush(): void {
    this.outline.block(this.#kind, plainInline(this.#held.join("\n")), { unit: "line", number: this.#start });
    this.#held = [];
    this.#kind = "text";
  }
}

/** Thematic break: three or more of the same mark, with optional spaces between them. */
function isRule(line: string): boolean {
  const marks = line.replaceAll(/\s/g, "");
  return (
    marks.length >= 3 &&
    "*-_".includes(marks[0] as string) &&
    marks === (marks[0] as string).repeat(marks.length)
  );
}

/** A quoted line without its quote marks. */
function unquoted(line: string): string {
  return line.replace(/^(?: {0,3}> ?){1,16}/, "");
}

/**
 * Strips markup from a line: links and images become their text, emphasis and code lose their marks.
 *
 * Every pattern is bounded, because lines of a hostile text may have any length.
 */
function plainInline(text: string): string {
  return hideEscaped(text)
    .replaceAll(/!?\[([^[\]]{0,1000})\]\([^()\s]{0,2000}(?:\s+["'][^"'()]{0,500}["'])?\)/g, "$1")
    .replaceAll(/!?\[([^[\]]{1,1000})\]\[[^[\]]{0,200}\]/g, "$1")
    .replaceAll(/<(https?:[^<>\s]{1,2000})>/g, "$1")
    .replaceAll(/<\/?[a-z][a-z0-9-]{0,20}(?:\s[^<>]{0,500})?>/gi, " ")
    .replaceAll(/\*{1,3}(?=\S)|(?<=\S)\*{1,3}|`{1,3}/g, "")
    .replaceAll(/(?<![\p{L}\p{N}])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\p{L}\p{N}])/gu, "")
    .replaceAll(/[\ue021-\ue07e]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - hiddenFrom));
}

/** Escaped marks are temporarily mapped to Unicode's private use area. */
const hiddenFrom = 0xe000;

function hideEscaped(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, mark: string) =>
    String.fromCharCode(hiddenFrom + mark.charCodeAt(0)),
  );
}

/** Splits a table line into cells; `\|` is not a separator. */
function splitCells(line: string): string[] {
  const inside = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => cell.replaceAll("\\|", "|").trim());
}

/** Whether a line is the delimiter row below a table header with this many cells. */
function isTableRule(line: string, cells: number): boolean {
  if (!line.includes("-") || !/^[\s|:-]+$/.test(line)) return false;
  const parts = splitCells(line);
  return parts.length === cells && parts.every((part) => /^:?-+:?$/.test(part));
}
