/** @file Problems of recording calls. Data only. */

export const recordProblems = {
  RECORD_FILE_BUSY: {
    title: "Another process records into this file",
    message: "Process {pid} records into {path}.",
    fix: "give each process a file of its own, such as --out calls-2.jsonl; tunewise init 'calls*.jsonl' reads them together",
    exitCode: 64,
    since: "0.1.0",
    docs: "Rows of two processes in one file could be torn, so a file of recorded calls has a lock. The lock of a process that has ended is taken over.",
  },
  RECORD_FILE_UNWRITABLE: {
    title: "The file of recorded calls cannot be written",
    message: "{path} cannot be written: {reason}.",
    fix: "tunewise record --upstream URL --out FILE in a folder that you can write",
    exitCode: 64,
    since: "0.1.0",
    docs: "Recording that could not begin is refused before any call. Once calls pass, a failing disk stops no call: its rows are dropped and counted.",
  },
  RECORD_UPSTREAM_INVALID: {
    title: "Not the address of an API",
    message: "--upstream {found} is not the address of an API: {reason}.",
    fix: "--upstream https://api.openai.com/v1",
    exitCode: 64,
    since: "0.1.0",
    docs: "The proxy passes every call to this address, with the caller's own key. A path such as `/v1` belongs to it: a call of `http://127.0.0.1:8790/v1/chat/completions` goes to `UPSTREAM/chat/completions`.",
  },
} as const;
