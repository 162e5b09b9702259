/** @file `tunewise freeze`: the answers of a model behind an API in a file, inside a cap and resumable. */

export { type FreezeOutcome, type FreezePreview, type FreezeRequest, runFreeze } from "./run-freeze.ts";
