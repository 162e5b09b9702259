/** @file The command of a scanner: its name, and its words with placeholders replaced. */
import { basename, extname } from "node:path";
import { type CodeScannerEntry, commandWords } from "../../recipe/index.ts";

/** A command that writes SARIF. */
export type SarifEntry = Exclude<CodeScannerEntry, "builtin">;

/** Values of the placeholders. */
export interface ScanPlaces {
  /** Folder of the code. */
  readonly folder: string;
  /** Output file, if the command names one. */
  readonly output: string;
  /** Folder of the recipe. */
  readonly recipe: string;
}

/** Name of a scanner: the one given in the recipe, otherwise that of its program. */
export function nameOf(entry: CodeScannerEntry): string {
  if (typeof entry === "string") return entry;
  const [program = ""] = commandWords(entry.sarif) ?? [];
  const file = basename(program.replaceAll("\\", "/"));
  return entry.name ?? (basename(file, extname(file)).slice(0, 40) || "scanner");
}

/** Splits a command into words and replaces its placeholders. Without `{folder}`, the folder is appended. */
export function filledWords(command: string, places: ScanPlaces): readonly string[] {
  const words = commandWords(command) ?? [];
  const named = words.some((word) => word.includes("{folder}")) ? words : [...words, "{folder}"];
  return named.map((word) =>
    word.replace(/\{(folder|output|recipe)\}/g, (_, name: keyof ScanPlaces) => places[name]),
  );
}

/** Whether the command writes a file rather than its standard output. */
export function writesFile(command: string): boolean {
  return command.includes("{output}");
}
