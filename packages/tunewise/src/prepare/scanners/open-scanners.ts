/** @file Opens the code scanners of a recipe: the built-in one, and commands that write SARIF. */
import {
  builtin,
  codeFiles,
  joinScans,
  type OtherScan,
  openScanner,
  type ScanTexts,
} from "@tunewise/datacheck";
import type { SafetySection } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { runScanner } from "./run-scanner.ts";
import { nameOf } from "./scanner-command.ts";

/**
 * Opens the scanners of a recipe.
 *
 * @param folder folder of the recipe
 */
export function openScanners(
  { scanners }: Pick<SafetySection, "scanners">,
  folder: string,
  runtime: Runtime,
): ScanTexts {
  const others = scanners.filter((one) => one !== builtin);
  const names = distinct(scanners.map(nameOf));
  return async (texts) => {
    const scanner = await openScanner();
    const files = others.length === 0 ? [] : codeFiles(texts);
    const scans: OtherScan[] = [];
    for (const entry of others) {
      const name = names[scanners.indexOf(entry)] ?? nameOf(entry);
      scans.push(await runScanner({ entry, name, folder, texts, files }, runtime));
    }
    return joinScans(scanner, texts, names, scans);
  };
}

/** Numbers repeated names: the same program with other rules is a separate scanner. */
function distinct(names: readonly string[]): string[] {
  return names.map((name, at) => {
    const before = names.slice(0, at).filter((one) => one === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
}
