/** @file What scans texts for insecure code: the scanner that comes along, and others put beside it. */
import type { Scanner } from "../codescan/index.ts";
import { builtin, type FoundCode, foundHere, mergeFound } from "./found-code.ts";

/** A scanner that could not do its work; none of its findings counts. */
export interface ScannerFailure {
  readonly scanner: string;
  /** The command as it was run, without what could be a secret. */
  readonly command: string;
  /** What happened, with the last line of its errors: `ended with code 2: no such option`. */
  readonly what: string;
  readonly fix: string;
}

/** Findings of all scanners in texts. */
export interface CodeScan {
  /** Names of the scanners that were asked. */
  readonly scanners: readonly string[];
  /** For each text, by place. */
  readonly found: readonly (readonly FoundCode[])[];
  readonly failures: readonly ScannerFailure[];
}

/** Scans texts, all of them at once, since a program takes its time to start. */
export type ScanTexts = (texts: readonly string[]) => Promise<CodeScan>;

/** What another scanner found, by the index of the text, or why it could not. */
export type OtherScan = ReadonlyMap<number, readonly FoundCode[]> | ScannerFailure;

/** Whether a scanner could not do its work. */
export function hasFailed(scan: OtherScan): scan is ScannerFailure {
  return "what" in scan;
}

/** Asks the scanner that comes along alone. */
export function scanHere(scanner: Scanner): ScanTexts {
  return async (texts) => joinScans(scanner, texts, [builtin], []);
}

/**
 * Puts the findings of others beside those of the scanner that comes along, which counts where it is listed, and where
 * another one has failed.
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
