/** @file `tunewise record`. */
import type { Command } from "../command.ts";
import { hostFlag, portFlag } from "../flags.ts";

const record: Command = {
  name: "record",
  summary: "record calls to a model API as masked training rows",
  category: "prepare",
  about:
    "Runs a proxy for an API in OpenAI's format. Every call passes unchanged, with the caller's own key, which is never stored; streams are passed on as they arrive. Chat completions become rows of a JSONL file: messages, tools, answer, tokens, price, latency, model, time, and a hash of the user. Secrets and personal data are masked before a row reaches the disk. If anything goes wrong, such as a full disk, the call passes, and its row is dropped and counted. Ctrl-C finishes the calls in progress, prints the counts and exits.",
  arguments: [],
  flags: [
    {
      name: "upstream",
      value: "URL",
      summary: "address of the API, such as https://api.openai.com/v1; required",
    },
    {
      name: "out",
      value: "FILE",
      summary: "file of rows, which recording continues; default: calls.jsonl",
      completes: "file",
    },
    {
      name: "mask",
      value: "KINDS",
      summary: "what to mask: pii, secrets, both with a comma, or none; default: pii,secrets",
    },
    {
      name: "sample",
      value: "SHARE",
      kind: "number",
      least: 0,
      most: 1,
      summary: "share of the calls to record, chosen by a hash of the request; default: 1",
    },
    {
      name: "max-size",
      value: "SIZE",
      summary: "maximum size of the file, such as 500MB or 2GB; default: 1GB",
    },
    portFlag("8790"),
    hostFlag,
  ],
  examples: [
    {
      line: "tunewise record --upstream https://api.openai.com/v1",
      does: "record every call whose client uses http://127.0.0.1:8790/v1",
    },
    {
      line: "tunewise record --upstream https://api.openai.com/v1 --sample 0.1",
      does: "record a tenth of the calls",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [],
};

/** The commands, in the order of help. */
export const recordCommands: readonly Command[] = [record];
