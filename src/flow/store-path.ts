/**
 * @file Where the record of runs lies in an output folder.
 */
import { join } from "node:path";

/** The store's file. */
export function storePath(output: string): string {
  return join(output, "tunewise.db");
}
