/** @file Bytes, seconds, dollars and tokens as types that cannot be mixed up. */
export * from "./metered-time.ts";
export * from "./money-text.ts";
export * from "./quantity.ts";
export * from "./range.ts";
export * from "./text.ts";
