/** @file Files that are written whole or not at all, and append-only logs. */
export { type AppendLog, appendLines, openAppendLog } from "./append-log.ts";
export { draftPrefix, removeDraftsOf, renameSynced, replaceFile } from "./atomic-file.ts";
export { isTaken, writeFolderAtomically } from "./atomic-folder.ts";
export {
  disk,
  errorCode,
  errorReason,
  type FileContent,
  type FileOperations,
  writeAll,
} from "./file-operations.ts";
