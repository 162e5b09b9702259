/**
 * @file The largest things this room accepts, so that a hostile or broken document cannot exhaust memory or time.
 */

/** Largest document in bytes; it is held whole, and V8's strings end at about 512 MB. */
export const MAX_DOCUMENT_BYTES: number = 128 * 2 ** 20;

/** Most pages of a PDF that are read. */
export const MAX_PAGES = 10_000;

/** Most rows of a table or of JSON lines that are read. */
export const MAX_ROWS = 2_000_000;

/** Most blocks (paragraphs, list items, rows) of one document. */
export const MAX_BLOCKS = 4_000_000;

/** Most headings above a block, and characters of each: deeper ones are left out, longer ones cut. */
export const MAX_HEADINGS = 16;

/** See `MAX_HEADINGS`. */
export const MAX_HEADING_LENGTH = 300;

/** Deepest nesting of a JSON value whose parts are named; what lies deeper is left out. */
export const MAX_DEPTH = 32;

/**
 * Deepest nesting of HTML elements that is followed; the parser looks through all open ones for each that closes.
 * Browsers stop at 512.
 */
export const MAX_NESTING = 1_000;

/** Longest word that is indexed, in UTF-16 units; longer ones are keys and encoded data, not language. */
export const MAX_WORD_LENGTH = 64;

/** Most passages of one index: numbers of passages are kept in 32 bits, and memory is about 1 kB each. */
export const MAX_PASSAGES: number = 2 ** 24;

/** Most numbers of one vector; the largest published embeddings have 8,192. */
export const MAX_VECTOR_SIZE = 8_192;
