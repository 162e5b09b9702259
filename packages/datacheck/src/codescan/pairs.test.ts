/** @file Pairs of answers as an assistant would write them: the vulnerable one is found, its repaired twin is not. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openScanner } from "./scan.ts";

const scanner = await openScanner();

/** Reads pairs: `=== name CWE`, the vulnerable text, `--- good`, the repaired text. */
function pairsOf(language: string): [name: string, bad: string, good: string][] {
  const url = new URL(`../../test/pairs/${language}.txt`, import.meta.url);
  return readFileSync(url, "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [head = "", ...lines] = part.split("\n");
      const [bad = "", good = ""] = lines.join("\n").split("--- good\n");
      return [head, bad, good];
    });
}

describe.each(["python", "javascript", "typescript", "tsx", "php", "java"] as const)(
  "pairs in %s",
  (language) => {
    test.each(pairsOf(language))("%s", (_, bad, good) => {
      expect(scanner.scanCode(bad, language)).not.toEqual([]);
      expect(scanner.scanCode(good, language).map(({ rule }) => rule)).toEqual([]);
    });
  },
);
