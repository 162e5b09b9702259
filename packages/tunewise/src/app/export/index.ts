/** @file `tunewise model export`: a finished run as files that other programs load. */

export { type ExportedRun, type ExportOptions, exportRun } from "./export-run.ts";
