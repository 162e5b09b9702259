/** @file Inverted index of words over passages, built from scratch. */
import { MAX_PASSAGES } from "../limits.ts";
import type { Passage } from "../passages/passage.ts";
import { Lexicon } from "../terms/lexicon.ts";
import { type Forward, ForwardWriter } from "./forward.ts";
import { type Postings, postingsOf } from "./postings.ts";
import { type LexicalSettings, lexicalSettings } from "./settings.ts";

/** An indexed document and its passages. */
export interface IndexedDocument {
  readonly name: string;
  /** SHA-256 of its bytes in hex. */
  readonly hash: string;
  /** Its first passage, and their number. */
  readonly first: number;
  readonly count: number;
}

/** Everything a search needs. Terms and passages are numbered from 0. */
export interface LexicalIndex {
  readonly settings: LexicalSettings;
  /** Empty if passages were passed in without documents. */
  readonly documents: readonly IndexedDocument[];
  readonly passages: readonly Passage[];
  readonly terms: readonly string[];
  readonly forward: Forward;
  readonly postings: Postings;
}

/**
 * Builds an index over passages of any origin, such as training rows from which few-shot examples are chosen.
 *
 * @example
 * const index = buildLexicalIndex(rows.map((text, row) => ({ document: "train", title: "", place: null, text })));
 * const [nearest] = searchLexical(index, "reset my password", { most: 4 });
 */
export function buildLexicalIndex(
  passages: readonly Passage[],
  settings: Partial<LexicalSettings> = {},
): LexicalIndex {
  const used = lexicalSettings(settings);
  const lexicon = new Lexicon(used.language);
  const writer = new ForwardWriter(lexicon);
  for (const passage of passages) writer.add(passage);
  return finishIndex(used, [], passages, lexicon.terms, writer.finish());
}

/** Adds postings and statistics that follow from the terms of each passage. */
export function finishIndex(
  settings: LexicalSettings,
  documents: readonly IndexedDocument[],
  passages: readonly Passage[],
  terms: readonly string[],
  forward: Forward,
): LexicalIndex {
  if (passages.length > MAX_PASSAGES) throw new Error(`Internal: more than ${MAX_PASSAGES} passages`);
  const postings = postingsOf(forward, terms.length, settings);
  return { settings, documents, passages, terms, forward, postings };
}
