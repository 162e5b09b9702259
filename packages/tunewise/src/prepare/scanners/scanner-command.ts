/** @file The command of a scanner: its name, and its words with the places filled in. */
import { basename, extname } from "node:path";
import { type CodeScannerEntry, commandWords } from "../../recipe/index.ts";

/** A command that writes SARIF. */
export type SarifEntry = Exclude<CodeScannerEntry, "builtin">;

/** Where a command works. */
export interface ScanPlaces {
  /** The code. */
  readonly folder: string;
  /** The file to write to, where the command names one. */
  readonly output: string;
  /** The recipe's folder. */
  readonly recipe: string;
}

/** The name of a scanner: the one that the recipe gives it, or its program's. */
export function nameOf(entry: CodeScannerEntry): string {
  if (typeof entry === "string") return entry;
  const [program = ""] = commandWords(entry.sarif) ?? [];
  const file = basename(program.replaceAll("\\", "/"));
  return entry.name ?? (basename(file, extname(file)).slice(0, 40) || "scanner");
}

/**
 * The words of a command with its places filled in; without `{folder}` the folder is put behind them. A program that is
 * named with a slash lies beside the recipe.
 */
export function filledWords(command: string, places: ScanPlaces): readonly string[] {
  const words = commandWords(command) ?? [];
  const named = words.some((word) => word.includes("{folder}")) ? words : [...words, "{folder}"];
  return named.map((word) =>
    word.replace(/\{(folder|output|recipe)\}/g, (_, name: keyof ScanPlaces) => places[name]),
  );
}

/** Whether the command writes a file instead of its standard output. */
export function writesFile(command: string): boolean {
  return command.includes("{output}");
}
