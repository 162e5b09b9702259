/** @file `tunewise model verify`: checks an export in the program that loads it. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { verifyModel } from "../../app/verify/index.ts";
import { problem } from "../../problem/index.ts";
import { documentHtml, verifyReport } from "../../report/index.ts";
import { type Call, isOn, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { documentText } from "../render/document.ts";
import { downloadPrinter, runtimeOf, unlessStopped } from "./context.ts";

/**
 * Verifies an export and prints the differences.
 *
 * @throws {TunewiseError} `USAGE_INVALID` without a runtime
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const name = textFlag(call, "in");
  if (name === null) throw problem("USAGE_INVALID", { detail: "--in is needed", command: "model verify" });
  const { export: exported, model, runs: output, html } = textFlags(call, "export", "model", "runs", "html");
  const { "api-key-env": keyVariable } = textFlags(call, "api-key-env");
  const verifying = verifyModel(call.words[0] ?? "latest", runtimeOf(console), {
    in: name,
    builtIn: isOn(call, "built-in"),
    ...(exported === undefined ? {} : { export: exported }),
    ...(model === undefined ? {} : { model }),
    ...(keyVariable === undefined ? {} : { keyVariable }),
    ...(output === undefined ? {} : { output }),
    onDownload: downloadPrinter(console),
  });
  const result = await unlessStopped(console, verifying, "stopped; nothing was changed");
  if (result === null) return INTERRUPTED;
  const document = verifyReport(result);
  console.output(result, () => documentText(document, console.tableColumns));
  if (html !== undefined) await writeFile(resolve(console.io.cwd, html), documentHtml(document));
  return result.differences.length === 0 ? DONE : CHECK_SAID_NO;
}
