/** @file Files that appear whole or not at all, and logs that only grow. */
export { type AppendLog, appendLines, openAppendLog } from "./append-log.ts";
export { type AtomicOptions, renameSynced, replaceFile } from "./atomic-file.ts";
export { type FolderOptions, isTaken, writeFolderAtomically } from "./atomic-folder.ts";
export { disk, errorCode, errorReason, type FileContent, type FileOperations } from "./file-operations.ts";
