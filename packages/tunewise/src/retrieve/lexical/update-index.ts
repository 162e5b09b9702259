/** @file Incremental index update: only changed documents are read again. */
import type { DocumentKey, SourceDocument } from "../documents/source-document.ts";
import { cutPassages } from "../passages/cut-passages.ts";
import type { Passage } from "../passages/passage.ts";
import { Lexicon } from "../terms/lexicon.ts";
import { ForwardWriter } from "./forward.ts";
import { finishIndex, type IndexedDocument, type LexicalIndex } from "./index-of-words.ts";
import { type LexicalSettings, lexicalSettings } from "./settings.ts";

/**
 * Builds the index of these documents, in their order. Documents that the old index knows by name and hash are
 * copied from it; all others are split and indexed. The result is bit-identical to a build without an old index.
 *
 * @param old previous index, or `null`
 * @param documents all documents of the index; for one that the old index has, its key is enough
 * @throws {Error} "Internal: ..." for a bare key that the old index does not have under the same settings
 */
export function updateIndex(
  old: LexicalIndex | null,
  documents: readonly (SourceDocument | DocumentKey)[],
  settings: Partial<LexicalSettings> = {},
): LexicalIndex {
  const used = lexicalSettings(settings);
  const known = old !== null && isReadAlike(old.settings, used) ? documentsByKey(old) : new Map();
  const lexicon = new Lexicon(used.language);
  const writer = new ForwardWriter(lexicon);
  const passages: Passage[] = [];
  const indexed = documents.map((document): IndexedDocument => {
    const first = passages.length;
    const before: IndexedDocument | undefined = known.get(keyOf(document));
    if (before !== undefined && old !== null) {
      for (let at = before.first; at < before.first + before.count; at++) {
        passages.push(old.passages[at] as Passage);
        writer.copy(old.forward, at, old.terms);
      }
    } else {
      for (const passage of cutPassages(whole(document), used)) {
        passages.push(passage);
        writer.add(passage);
      }
    }
    const { name, hash } = document;
    return { name, hash, first, count: passages.length - first };
  });
  return finishIndex(used, indexed, passages, lexicon.terms, writer.finish());
}

/** Whether the old index contains this version of a document, so that it does not have to be read again. */
export function isIndexed(
  old: LexicalIndex,
  document: DocumentKey,
  settings: Partial<LexicalSettings> = {},
): boolean {
  return isReadAlike(old.settings, lexicalSettings(settings)) && documentsByKey(old).has(keyOf(document));
}

const byKey = new WeakMap<LexicalIndex, ReadonlyMap<string, IndexedDocument>>();

function documentsByKey(index: LexicalIndex): ReadonlyMap<string, IndexedDocument> {
  const found = byKey.get(index) ?? new Map(index.documents.map((document) => [keyOf(document), document]));
  byKey.set(index, found);
  return found;
}

function keyOf({ name, hash }: DocumentKey): string {
  return `${hash} ${name}`;
}

/** Changed scoring settings only recompute scores over the same terms; changed passages or terms need a full build. */
function isReadAlike(a: LexicalSettings, b: LexicalSettings): boolean {
  return a.words === b.words && a.overlap === b.overlap && a.language === b.language;
}

function whole(document: SourceDocument | DocumentKey): SourceDocument {
  if ("sections" in document) return document;
  throw new Error(`Internal: the old index does not have ${document.name} as it is`);
}
