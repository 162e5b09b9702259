/** @file Limits of the readers, so that a hostile or broken file cannot exhaust memory. */

/** Max. bytes of a JSONL line or CSV row. A context of a million tokens is about 4 MB of text. */
export const MAX_LINE_BYTES: number = 16 * 2 ** 20;

/** Max. bytes of a file read row by row (JSONL, CSV, TSV). */
export const MAX_STREAMED_FILE_BYTES: number = 64 * 2 ** 30;

/** Max. bytes of a file that is loaded entirely (JSON array); V8 strings are limited to about 512 MB. */
export const MAX_LOADED_FILE_BYTES: number = 256 * 2 ** 20;

/** Max. bytes of a Parquet file; pages are decompressed one row group at a time. */
export const MAX_PARQUET_FILE_BYTES: number = 8 * 2 ** 30;

/** Max. bytes of a decompressed Parquet page. */
export const MAX_PARQUET_PAGE_BYTES: number = 512 * 2 ** 20;

/** Max. length of a field (a message, a column) in UTF-16 units. */
export const MAX_FIELD_LENGTH: number = 8 * 2 ** 20;

/** Max. rows of a file. */
export const MAX_ROWS = 20_000_000;

/** Max. messages of a conversation. */
export const MAX_MESSAGES = 4_096;

/** Max. columns of a table. */
export const MAX_COLUMNS = 4_096;

/** Max. unpacked bytes, or decoded characters, per byte of a file; repetitive files reach several hundred. */
export const MAX_EXPANSION = 1_000;

/** Unpacked bytes, or decoded characters, that are always allowed. */
export const MIN_EXPANDED_UNITS: number = 64 * 2 ** 20;
