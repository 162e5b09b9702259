/** @file Shells and SQL with truncated, deeply nested, broken or hostile input. */
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../../test/support/processor-time.ts";
import { readCases } from "../../../../../test/support/scanner-cases.ts";
import { lineScanner, openScanner } from "../scan.ts";

const scanner = await openScanner();
const allCases = readCases();
const languages = ["shell", "sql"] as const;

describe.each(languages)("%s", (language) => {
  const cases = [...allCases].filter(([id]) => id.startsWith(`${language}/`)).map(([, one]) => one);

  test("any beginning of any case is taken", () => {
    expect(cases.length).toBeGreaterThan(5);
    for (const { found, notFound } of cases) {
      for (const text of [...found, ...notFound]) {
        for (let end = 1; end < text.length; end += 11) scanner.scanCode(text.slice(0, end), language);
        lineScanner().scanCode(text, language);
      }
    }
  });

  const deep = 12_000;
  test.each([
    ["brackets", `gets eval ${"(".repeat(deep)}`],
    ["brackets around a value", `int f(void) { return ${"(".repeat(deep)}x${")".repeat(deep)}; }`],
    ["blocks", `gets eval ${"{".repeat(deep)}`],
    ["calls", `gets(${"strcpy(".repeat(deep / 7)}`],
    ["sums", `strcpy(a, ${"b + ".repeat(deep / 4)}c);`],
    ["substitutions", `eval ${"$(".repeat(deep / 2)}`],
    ["quotes", `eval exec grant ${"'\"".repeat(deep / 2)}`],
    ["commas", `free(a${",".repeat(deep)});`],
    ["words that are asked for", "set exec grant open select ".repeat(deep / 27)],
    ["free", "free(p);".repeat(deep / 8)],
    ["NUL and half pairs", "gets(\0\ud800); eval \udfff grant \0"],
    ["names of an object's own", "constructor(__proto__, toString); eval constructor; free(hasOwnProperty);"],
  ])("%s", (_, text) => {
    expect(processorMs(() => void scanner.scanCode(text, language), 3000)).toBeLessThan(3000);
  });
});

test("SQL: comments and text are no code", () => {
  const text =
    "-- GRANT ALL ON a TO PUBLIC;\n/* EXEC xp_cmdshell 'a'; */\nINSERT INTO t VALUES ('GRANT ALL ON a TO PUBLIC');\n";
  expect(scanner.scanCode(text, "sql")).toEqual([]);
});
