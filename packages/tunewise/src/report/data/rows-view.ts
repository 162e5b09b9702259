/** @file Rows as training sees them: tokens, which of them are trained, and a summary of a split. */
import type { EncodeStatistics } from "../../encode/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { TokenSpan } from "../document/document.ts";

/** A token of a row. */
export interface ShownToken extends TokenSpan {
  readonly id: number;
}

/** A row after template and tokenizer. */
export interface ShownRow {
  readonly place: string;
  readonly row: number;
  readonly tokens: readonly ShownToken[];
  readonly trainedTokens: number;
  /** Tokens beyond `data.max_length`. */
  readonly cutTokens: number;
  readonly answerTokens: number;
  /** Whether the row is trained; not if it is too long. */
  readonly isUsed: boolean;
  /** Blocks that the row is divided into; `null`: the row is not a document. */
  readonly blocks: number | null;
  readonly turns: readonly ShownTurn[];
  /** What `check` reports about the row. */
  readonly warnings: readonly { readonly code: string; readonly reason: string }[];
}

/** A message of a row, and why it is trained or not. */
export interface ShownTurn {
  /** From 1. */
  readonly number: number;
  readonly role: string;
  readonly isTrained: boolean;
  readonly why: string;
}

/** A row that the chat template cannot render, or whose answer cannot be located. */
export interface RefusedRow {
  readonly place: string;
  readonly row: number;
  readonly code: string;
  /** Number of the message with which the template fails first; `null`: unknown. */
  readonly message: number | null;
  readonly error: string;
  readonly fix: string;
}

/** All rows of a split. */
export interface SplitSummary {
  /** Records of the file, and those that cannot be read as a row. */
  readonly read: number;
  readonly unusable: number;
  /** Usable rows that belong to another split, or exceed `data.rows`. */
  readonly elsewhere: number;
  readonly statistics: EncodeStatistics;
  /** Rows without a trained token. */
  readonly untrained: number;
  readonly longest: readonly { readonly row: number; readonly tokens: number }[];
  readonly findings: readonly Finding[];
}

/** What `tunewise data show` shows. */
export interface RowsView {
  readonly file: string;
  readonly model: string;
  readonly split: "train" | "validation" | "test";
  readonly maxLength: number;
  /** `null` if one row was requested. */
  readonly summary: SplitSummary | null;
  readonly row: ShownRow | RefusedRow;
}
