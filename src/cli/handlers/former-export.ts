/**
 * @file `tunewise export` of earlier versions: today `tunewise model export` or `tunewise store export`, by its words.
 */
import type { HistoryExport } from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import type { Call } from "../command.ts";
import type { Console } from "../console.ts";

/** Words that ask for what runs logged, and not for the model of a run. */
const historyFormats: readonly string[] = [
  "csv",
  "parquet",
  "mlflow",
  "wandb",
] satisfies HistoryExport["format"][];

/** Flags of an export of models alone, and of an export of histories alone. */
const modelFlags = ["format", "dtype", "output", "runs"];
const historyFlags = ["to", "store", "project", "experiment"];

/**
 * Exports the model of a run, or what runs logged.
 *
 * @throws {TunewiseError} `USAGE_INVALID` for flags of both
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const isHistory = historyFormats.includes(call.words[0] ?? "");
  demandOneExport(call, isHistory);
  const successor = isHistory ? await import("./export-histories.ts") : await import("./export.ts");
  return successor.handle(call, console);
}

function demandOneExport(call: Call, isHistory: boolean): void {
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
