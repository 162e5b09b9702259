/** @file Size limits of this module, so that a hostile or broken document cannot exhaust memory or time. */

/** Maximum document size in bytes; a document is held in memory, and V8's strings are limited to about 512 MB. */
export const MAX_DOCUMENT_BYTES: number = 128 * 2 ** 20;

/** Maximum number of PDF pages that are read. */
export const MAX_PAGES = 10_000;

/** Maximum number of rows of a table or of JSON lines. */
export const MAX_ROWS = 2_000_000;

/** Maximum number of blocks (paragraphs, list items, rows) of one document. */
export const MAX_BLOCKS = 4_000_000;

/** Maximum number of headings above a block, and of characters of each: deeper ones are dropped, longer ones cut. */
export const MAX_HEADINGS = 16;

/** See `MAX_HEADINGS`. */
export const MAX_HEADING_LENGTH = 300;

/** Maximum nesting depth of a JSON value; deeper parts are dropped. */
export const MAX_DEPTH = 32;

/**
 * Maximum nesting depth of HTML elements: for each closing tag, the parser searches all open elements. Browsers stop
 * at 512.
 */
export const MAX_NESTING = 1_000;

/** Maximum length of an indexed word in UTF-16 units; longer ones are keys or encoded data, not language. */
export const MAX_WORD_LENGTH = 64;

/** Maximum number of passages of an index: their numbers have 32 bits, and each takes about 1 kB of memory. */
export const MAX_PASSAGES: number = 2 ** 24;

/** Maximum vector dimension; the largest published embeddings have 8,192. */
export const MAX_VECTOR_SIZE = 8_192;
