/** @file Documents as values: a verdict, tiles, and sections of blocks. HTML, Markdown and the terminal render the same blocks. */
import type { DiffPart } from "../word-diff.ts";
import type { Markup } from "./markup.ts";
import type { Table } from "./table.ts";

/** A part of a line that is shown as code. */
export interface Code {
  readonly code: string;
}

/** A part of a line that differs from its counterpart, or that a finding is about. */
export interface Highlight {
  readonly highlight: string;
}

/** A line of text, with code and highlights in it. */
export type Text = string | readonly (string | Code | Highlight)[];

/** A word in front of a sentence, such as a severity or a verdict; `kind` selects its colors. */
export interface Mark {
  readonly word: string;
  readonly kind: string;
}

/** A sentence with what it rests on. */
export interface Sentence {
  readonly text: Text;
  readonly mark?: Mark;
  /** A note on a line of its own, shown less prominently. */
  readonly below?: Text;
  /** Quoted lines. */
  readonly quotes?: readonly Text[];
  /** Lines of code. */
  readonly source?: Text;
}

/** A value with its name. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** An answer beside others. `parts` marks its differences from a reference. */
export interface Answer {
  readonly name: string;
  readonly mark?: Mark;
  readonly text: string;
  readonly parts?: readonly DiffPart[] | null;
}

/** A prompt, notes on it, and answers to it. */
export interface Sample {
  readonly prompt: string;
  readonly notes: readonly Text[];
  readonly answers: readonly Answer[];
}

/** A block of a section. */
export type Block =
  | ({ readonly kind: "sentence"; readonly isNote: boolean } & Sentence)
  | { readonly kind: "list"; readonly items: readonly Sentence[] }
  | { readonly kind: "table"; readonly table: Table }
  /** Counts whose rows and columns are the same names; each cell is shaded by its share of its row. */
  | { readonly kind: "matrix"; readonly table: Table }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  /** A picture with its numbers; formats without pictures show the table. */
  | {
      readonly kind: "figure";
      readonly picture: Markup | null;
      readonly title: string;
      readonly table: Table;
    }
  | { readonly kind: "command"; readonly purpose: string; readonly command: string }
  | { readonly kind: "heading"; readonly title: string }
  | {
      readonly kind: "details";
      readonly title: string;
      readonly mark?: Mark;
      readonly blocks: readonly Block[];
      readonly isOpen: boolean;
    }
  | { readonly kind: "samples"; readonly title: string; readonly samples: readonly Sample[] }
  /** Tokens in order, with those that are trained marked. */
  | { readonly kind: "tokens"; readonly tokens: readonly TokenSpan[] };

/** A token as text. White space that is hard to see is already replaced by visible characters. */
export interface TokenSpan {
  readonly text: string;
  readonly isTrained: boolean;
  readonly isSpecial: boolean;
  /** Whether truncation removes it. */
  readonly isCut: boolean;
}

/** A titled part of a document. Its blocks are not empty. */
export interface Section {
  readonly title: string;
  readonly mark?: Mark;
  readonly blocks: readonly Block[];
  /** Whether the terminal shows it. */
  readonly isBrief: boolean;
}

/** A number below the verdict; `share` draws a bar, from 0 to 1. */
export interface Tile {
  readonly value: string;
  readonly label: string;
  readonly share?: number | null;
}

/** A document. */
export interface Document {
  readonly name: string;
  /** What the document is about, and when it was made. */
  readonly about: Text;
  readonly verdict: { readonly title: string; readonly sentence: string; readonly tone: string };
  /** The recommended action; `null` for documents without a recommendation. */
  readonly action: { readonly title: string; readonly sentence: string; readonly command: string } | null;
  readonly tiles: readonly Tile[];
  readonly sections: readonly Section[];
  /** Sections that HTML shows collapsed, below the others. */
  readonly folded: readonly Section[];
}

/** A section of the blocks that are not empty. */
export function section(title: string, ...blocks: readonly (Block | null)[]): Section {
  return { title, blocks: filled(blocks), isBrief: false };
}

/** A section that the terminal shows too. */
export function briefSection(title: string, ...blocks: readonly (Block | null)[]): Section {
  return { ...section(title, ...blocks), isBrief: true };
}

/** The sections that have blocks. */
export function sections(...all: readonly Section[]): Section[] {
  return all.filter(({ blocks }) => blocks.length > 0);
}

/** A paragraph. */
export function sentence(text: Text, mark?: Mark): Block {
  return { kind: "sentence", isNote: false, text, ...(mark && { mark }) };
}

/** A paragraph that explains a block above it. */
export function note(text: Text): Block {
  return { kind: "sentence", isNote: true, text };
}

/** A list of sentences. */
export function list(items: readonly (string | Sentence)[]): Block {
  return { kind: "list", items: items.map((item) => (typeof item === "string" ? { text: item } : item)) };
}

/** A table as a block. */
export function rows(table: Table): Block {
  return { kind: "table", table };
}

/** A picture with its numbers. */
export function figure(picture: Markup | null, title: string, table: Table): Block {
  return { kind: "figure", picture, title, table };
}

/** A text in code. */
export function code(text: string): Code {
  return { code: text };
}

/** The characters of a text. */
export function plainOf(text: Text): string {
  return typeof text === "string" ? text : text.map(charactersOf).join("");
}

function charactersOf(part: string | Code | Highlight): string {
  if (typeof part === "string") return part;
  return "code" in part ? part.code : part.highlight;
}

function filled(blocks: readonly (Block | null)[]): Block[] {
  return blocks.filter((block) => block !== null && !isEmpty(block)) as Block[];
}

function isEmpty(block: Block): boolean {
  switch (block.kind) {
    case "sentence":
      return plainOf(block.text) === "";
    case "list":
      return block.items.length === 0;
    case "table":
    case "matrix":
      return block.table.rows.length === 0;
    case "figure":
      return block.picture === null && block.table.rows.length === 0;
    case "facts":
      return block.facts.length === 0;
    case "samples":
      return block.samples.length === 0;
    case "tokens":
      return block.tokens.length === 0;
    case "details":
      return filled(block.blocks).length === 0;
    default:
      return false;
  }
}
