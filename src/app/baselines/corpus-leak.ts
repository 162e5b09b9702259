/**
 * @file Test rows that stand in the documents: then retrieval is asked to copy.
 */

import { answerOf, questionOf } from "../../baselines/index.ts";
import { type Example, locationOf } from "../../dataset/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import { findSharedRows } from "../../retrieve/index.ts";
import type { Corpus } from "./corpus.ts";

/** `ARM_CORPUS_LEAK` or nothing. An answer alone may stand there; that is what documents are for. */
export function leakedRows(corpus: Corpus | null, test: readonly Example[]): Finding[] {
  if (corpus === null) return [];
  const { passages } = corpus.index;
  const asked = test.map((row) => ({ prompt: questionOf(row), answer: answerOf(row) }));
  const shared = findSharedRows(asked, passages).filter(({ kind }) => kind === "row");
  const [first] = shared;
  if (first === undefined) return [];
  const places = shared.map(({ row }) => test[row]).flatMap((row) => (row ? [locationOf(row)] : []));
  const about = { count: shared.length, document: passages[first.passage]?.document ?? "" };
  return [findingOf("ARM_CORPUS_LEAK", "error", about, places, shared.length)];
}
