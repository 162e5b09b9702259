/** @file Turns documents into passages, indexes and rankings; pure, except for parsers that it loads. */

export * from "./dense/dense-index.ts";
export * from "./documents/read-document.ts";
export type {
  DocumentKey,
  SourceDocument,
} from "./documents/source-document.ts";
export { buildLexicalIndex, type LexicalIndex } from "./lexical/index-of-words.ts";
export * from "./lexical/search.ts";
export * from "./lexical/settings.ts";
export * from "./lexical/update-index.ts";
export { MAX_DOCUMENT_BYTES, MAX_VECTOR_SIZE } from "./limits.ts";
export * from "./passages/cut-passages.ts";
export * from "./passages/passage.ts";
export * from "./rankings/fuse.ts";
export * from "./rankings/measure.ts";
export type { Hit } from "./rankings/top-hits.ts";
export * from "./rankings/vote.ts";
export * from "./shared-with-corpus.ts";
export * from "./stored/stored-index.ts";
