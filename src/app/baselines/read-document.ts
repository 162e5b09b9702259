/**
 * @file Reads documents. Formats that need a third-party parser are read in a process that can be killed, others in
 * this one.
 */
import { packageProgram } from "../../catalog/index.ts";
import { findingOf } from "../../problem/index.ts";
import { type DocumentReading, isCostlyKind, readDocument } from "../../retrieve/index.ts";
import { openTaskProcess, type TaskFailure } from "../../untrusted/index.ts";

/** Time limit per page, or for a document without pages, in seconds; an ordinary page takes some hundredths of one. */
const stepSeconds = 5;
/** Memory limit of the reader process; a PDF of some hundred pages takes a quarter of it. */
const memoryMegabytes = 512;
/** Time limit of a document: a minute, and more for large ones. */
const totalSeconds = (bytes: number): number => 60 + bytes / 50_000;

/** Reads documents sequentially. */
export interface DocumentReader {
  /** Never rejects. Findings are those of `readDocument`, and `DOCUMENT_TOO_COSTLY`. */
  read(name: string, bytes: Uint8Array): Promise<DocumentReading>;
  close(): void;
}

/** @param node command that starts Node: the program, then its flags */
export function openDocumentReader(node: readonly string[]): DocumentReader {
  const process = openTaskProcess<{ readonly name: string; readonly bytes: Uint8Array }, DocumentReading>(
    [...node, packageProgram("document-reader")],
    { stepSeconds, memoryMegabytes },
  );
  return {
    read: async (name, bytes) => {
      if (!isCostlyKind(name, bytes)) return readDocument(name, bytes);
      const end = await process.run({ name, bytes }, totalSeconds(bytes.length));
      return "result" in end ? end.result : unread(name, bytes.length, end);
    },
    close: () => process.close(),
  };
}

function unread(file: string, bytes: number, end: TaskFailure): DocumentReading {
  const finding =
    end.failure === "error"
      ? findingOf("DOCUMENT_UNREADABLE", "warning", { file, reason: end.reason }, [{ file }], 1)
      : findingOf("DOCUMENT_TOO_COSTLY", "warning", { file, bytes, spent: spentOn(end) }, [{ file }], 1);
  return { document: null, findings: [finding] };
}

function spentOn(end: Exclude<TaskFailure, { readonly failure: "error" }>): string {
  return end.failure === "time" ? `${end.seconds} s without an end` : `${end.megabytes} MiB of memory`;
}
