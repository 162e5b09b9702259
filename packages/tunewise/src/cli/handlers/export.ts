/** @file `tunewise model export`: exports a run's model in formats of other programs. */

import { bytes, bytesText } from "@tunewise/core/quantity";
import type { HistoryExport } from "@tunewise/tracker";
import { type ExportedRun, type ExportOptions, exportRun } from "../../app/export/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { downloadPrinter, progressPrinter, runtimeOf, unlessStopped } from "./context.ts";

/**
 * Exports a model and lists the files.
 *
 * @throws {TunewiseError} `USAGE_INVALID` without a format
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const format = textFlag(call, "format") as ExportOptions["format"] | null;
  if (format === null) {
    throw problem("USAGE_INVALID", { detail: "--format is needed", command: "model export" });
  }
  const { dtype, output: target, runs: output } = textFlags(call, "dtype", "output", "runs");
  const print = progressPrinter(console);
  const exporting = exportRun(call.words[0] ?? "latest", runtimeOf(console), {
    format,
    ...(dtype === undefined ? {} : { dtype: dtype as NonNullable<ExportOptions["dtype"]> }),
    ...(target === undefined ? {} : { target }),
    ...(output === undefined ? {} : { output }),
    force: isOn(call, "force"),
    onDownload: downloadPrinter(console),
    onBytes: (done, total) => print(`writing: ${bytesText(bytes(done))} of ${bytesText(bytes(total))}`),
  });
  const result = await unlessStopped(console, exporting, "stopped; the folder is unchanged");
  if (result === null) return INTERRUPTED;
  console.output(result, () => filesText(result));
  for (const note of result.notes) console.info(`note: ${note}`);
  console.info(`\nnext: ${nextStep(result)}`);
  return DONE;
}

function filesText({ folder, files, dtype }: ExportedRun): string {
  const total = files.reduce((sum, { bytes: size }) => sum + size, 0);
  const rows = files.map(({ path, bytes: size }) => [plain(path), bytesText(bytes(size))]);
  const table = tableText(["file", "#size"], rows);
  return `${plain(folder)}: ${bytesText(bytes(total))}, ${dtype}\n\n${table}`;
}

/** Command or line of code that loads the result. */
function nextStep({ format, folder, files }: ExportedRun): string {
  const place = plain(folder);
  const file = `${place}/${files[0]?.path ?? ""}`;
  const steps: Readonly<Record<ExportedRun["format"], string>> = {
    peft: `vllm serve BASE --enable-lora --lora-modules tuned=${place}`,
    merged: `vllm serve ${place}`,
    mlx: `mlx_lm.generate --model BASE --adapter-path ${place} --prompt "..."`,
    gguf: `llama-cli -m ${file}`,
    "gguf-adapter": `llama-cli -m BASE.gguf --lora ${file}`,
    onnx: `const model = await pipeline("text-generation", "${place}")`,
  };
  return steps[format];
}

/** Formats that select an export of histories instead of a model. */
const historyFormats: readonly string[] = [
  "csv",
  "parquet",
  "mlflow",
  "wandb",
] satisfies HistoryExport["format"][];

/** Flags only for exports of models, and only for exports of histories. */
const modelFlags = ["format", "dtype", "output", "runs"];
const historyFlags = ["to", "store", "project", "experiment"];

/**
 * Exports the model of a run, or histories of runs.
 *
 * @throws {TunewiseError} `USAGE_INVALID` for flags of the other kind of export
 */
export async function handleFormer(call: Call, console: Console): Promise<number> {
  const isHistory = historyFormats.includes(call.words[0] ?? "");
  requireOneExport(call, isHistory);
  if (!isHistory) return handle(call, console);
  return (await import("./export-histories.ts")).handle(call, console);
}

function requireOneExport(call: Call, isHistory: boolean): void {
  const strange = (isHistory ? modelFlags : historyFlags).find((name) => call.flags.has(name));
  if (strange !== undefined) {
    const what = isHistory
      ? `\`export ${call.words[0]}\` exports what runs logged, and --${strange} is about a run's model`
      : `--${strange} is about what runs logged: begin with one of ${historyFormats.join(", ")}`;
    throw problem("USAGE_INVALID", { detail: what, command: "export" });
  }
  if (!isHistory && call.words.length > 1) {
    throw problem("USAGE_INVALID", {
      detail: "the model of one run is exported at a time",
      command: "export",
    });
  }
}
