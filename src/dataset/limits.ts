/**
 * @file The largest things the readers accept, so that a hostile or broken file cannot exhaust memory.
 */

/** Longest JSONL line or CSV row in bytes. A context of a million tokens is about 4 MB of text. */
export const MAX_LINE_BYTES: number = 16 * 2 ** 20;

/** Largest file read row by row (JSONL, CSV, TSV), in bytes. */
export const MAX_STREAMED_FILE_BYTES: number = 64 * 2 ** 30;

/** Largest file that has to be held whole (JSON array), in bytes; V8 strings end at about 512 MB. */
export const MAX_WHOLE_FILE_BYTES: number = 256 * 2 ** 20;

/** Largest Parquet file in bytes; pages are decompressed one row group at a time. */
export const MAX_PARQUET_FILE_BYTES: number = 8 * 2 ** 30;

/** Largest decompressed page of a Parquet file in bytes. */
export const MAX_PARQUET_PAGE_BYTES: number = 512 * 2 ** 20;

/** Longest single field (a message, a column) in UTF-16 units. */
export const MAX_FIELD_LENGTH: number = 8 * 2 ** 20;

/** Most rows of one file. */
export const MAX_ROWS = 20_000_000;

/** Most messages of one conversation. */
export const MAX_MESSAGES = 4_096;

/** Most columns of a table. */
export const MAX_COLUMNS = 4_096;
