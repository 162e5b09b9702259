/** @file Scans texts for insecure code with the built-in scanner and any others. */
import type { Scanner } from "../codescan/index.ts";
import { builtin, type FoundCode, foundHere, mergeFound } from "./found-code.ts";

/** A scanner that failed. None of its findings count. */
export interface ScannerFailure {
  readonly scanner: string;
  /** The executed command, without possible secrets. */
  readonly command: string;
  /** What happened, with the last line of stderr: `ended with code 2: no such option`. */
  readonly what: string;
  readonly fix: string;
}

/** Findings of all scanners. */
export interface CodeScan {
  /** Names of the scanners that ran. */
  readonly scanners: readonly string[];
  /** For each text, in order of location. */
  readonly found: readonly (readonly FoundCode[])[];
  readonly failures: readonly ScannerFailure[];
}

/** Scans all texts at once, since an external scanner takes time to start. */
export type ScanTexts = (texts: readonly string[]) => Promise<CodeScan>;

/** Findings of another scanner by the index of the text, or its failure. */
export type OtherScan = ReadonlyMap<number, readonly FoundCode[]> | ScannerFailure;

/** Whether a scanner failed. */
export function hasFailed(scan: OtherScan): scan is ScannerFailure {
  return "what" in scan;
}

/** Scans only with the built-in scanner. */
export function scanHere(scanner: Scanner): ScanTexts {
  return async (texts) => joinScans(scanner, texts, [builtin], []);
}

/**
 * Merges the findings of other scanners with those of the built-in one, which runs if it is listed, if the list is
 * empty or if another scanner failed.
 *
 * @param scanners names, in the recipe's order
 */
export function joinScans(
  scanner: Scanner,
  texts: readonly string[],
  scanners: readonly string[],
  others: readonly OtherScan[],
): CodeScan {
  const failures = others.filter(hasFailed);
  const more = others.flatMap((one) => (hasFailed(one) ? [] : [one]));
  const isAsked = scanners.includes(builtin) || failures.length > 0 || scanners.length === 0;
  const found = texts.map((text, at) =>
    more.reduce(
      (merged, other) => mergeFound(merged, other.get(at) ?? []),
      isAsked ? foundHere(text, scanner.scanText(text)) : [],
    ),
  );
  const asked = isAsked && !scanners.includes(builtin) ? [builtin, ...scanners] : scanners;
  return { scanners: asked, found, failures };
}
