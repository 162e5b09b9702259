/** @file Options of readers in tests: everything detected, unusable rows skipped. */
import type { ReadOptions } from "@tunewise/datacheck/dataset";

export const readOptions: ReadOptions = {
  format: "auto",
  columns: null,
  group: null,
  time: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "skip",
};
