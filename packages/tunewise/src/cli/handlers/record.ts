/** @file `tunewise record`: a proxy that writes calls to a model as masked rows, until Ctrl-C. */
import { bytes, bytesText, countOf } from "@tunewise/core/quantity";
import { isLoopback } from "@tunewise/tracker/http";
import {
  type DropReason,
  dropReasons,
  type MaskKind,
  maskKinds,
  type RecordCounts,
  startWriter,
} from "../../app/record/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import { readUpstream, startProxy } from "../../server/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

const defaults = { host: "127.0.0.1", port: 8790, file: "calls.jsonl", size: "1GB" } as const;

/** Grace period of calls in progress after Ctrl-C, in seconds. */
const graceSeconds = 30;

/** Max. seconds to read and mask one call. */
const secondsPerCall = 2;

/**
 * Records until the process is interrupted.
 *
 * @throws {TunewiseError} `RECORD_UPSTREAM_INVALID`, `RECORD_FILE_BUSY`, `RECORD_FILE_UNWRITABLE`,
 *   `SERVER_ADDRESS_UNAVAILABLE`, `USAGE_VALUE_INVALID`
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const { signal } = console.io;
  const upstream = readUpstream(textFlag(call, "upstream") ?? "");
  const file = textFlag(call, "out") ?? defaults.file;
  const mask = maskOf(textFlag(call, "mask"));
  const options = { file, mask, maxBytes: sizeOf(textFlag(call, "max-size")), secondsPerCall };
  const writer = await startWriter(options, runtimeOf(console));
  if ("kind" in writer) throw problem(writer.code as ProblemCode, writer.params);
  const host = textFlag(call, "host") ?? defaults.host;
  const proxy = await startProxy({
    host,
    port: numberFlag(call, "port") ?? defaults.port,
    upstream,
    sample: numberFlag(call, "sample") ?? 1,
    writer,
  }).catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  console.output({ url: proxy.url, file, mask }, () => `recording into ${file} at ${proxy.url}`);
  if (mask.length === 0)
    warn(console, "nothing is masked: the file will contain what users and models write.");
  if (!isLoopback(host)) warn(console, "other machines can reach this address, and nothing is encrypted.");
  console.info(`next: set the base URL of your client to ${proxy.url}; Ctrl-C ends recording`);
  await new Promise<void>((stop) => {
    if (signal.aborted) stop();
    else signal.addEventListener("abort", () => stop(), { once: true });
  });
  await proxy.close(graceSeconds);
  tellEnd(await writer.close(), file, console);
  return DONE;
}

function warn(console: Console, text: string): void {
  console.error(`${console.paintStderr.yellow("warning")} ${text}`);
}

/** The counts, and the command that uses the file. */
function tellEnd(counts: RecordCounts, file: string, console: Console): void {
  const { calls, unsampled, recorded, dropped } = counts;
  const size = bytesText(bytes(counts.bytes));
  const sampled = unsampled === 0 ? "" : `, ${countOf(unsampled, "call")} outside the sample`;
  console.info(`recorded ${countOf(recorded, "row")} (${size}) of ${countOf(calls, "call")}${sampled}`);
  for (const [reason, count] of Object.entries(dropped)) {
    if (count > 0)
      console.info(`not recorded: ${countOf(count, "call")}: ${dropReasons[reason as DropReason]}`);
  }
  if (recorded > 0) console.info(`next: tunewise init ${plain(file)}`);
}

/** @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function maskOf(text: string | null): readonly MaskKind[] {
  if (text === null) return maskKinds;
  if (text === "none") return [];
  const named = text.split(",").map((one) => one.trim());
  const unknown = named.find((one) => !maskKinds.some((kind) => kind === one));
  if (unknown === undefined) return maskKinds.filter((kind) => named.includes(kind));
  throw invalid("--mask", "pii, secrets, both with a comma, or none", text, "--mask pii,secrets");
}

const units: Readonly<Record<string, number>> = { mb: 1e6, gb: 1e9, tb: 1e12 };

/** @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function sizeOf(text: string | null): number {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,6})?) ?(MB|GB|TB)$/i.exec(text ?? defaults.size) ?? [];
  const size = Number(number) * (units[(unit ?? "").toLowerCase()] ?? Number.NaN);
  if (size > 0) return size;
  throw invalid("--max-size", "a size such as 500MB, 1GB or 2TB", text ?? "", `--max-size ${defaults.size}`);
}

function invalid(name: string, expected: string, found: string, fix: string): Error {
  return problem("USAGE_VALUE_INVALID", { name, expected, found: JSON.stringify(found), fix });
}
