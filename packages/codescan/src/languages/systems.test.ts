/** @file C, shells and SQL under texts that are cut off, deep, broken or hostile; and what values do in C. */
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { allRules } from "../languages.ts";
import { lineScanner, openScanner } from "../scan.ts";

const scanner = await openScanner();
const languages = ["cpp", "shell", "sql"] as const;

describe.each(languages)("%s", (language) => {
  const rules = allRules().get(language) ?? [];

  test("any beginning of any case is taken", () => {
    for (const { bad, good } of rules) {
      for (const text of [...bad, ...good]) {
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

describe("values in C", () => {
  test.each([
    ["through a buffer", 'void f(char *a) { char b[9]; snprintf(b, 9, "x %s", a); system(b); }', [78]],
    ["read from a file", "void f(void) { char b[9]; if (!fgets(b, 9, stdin)) return; system(b); }", [78]],
    ["through a field", "void f(struct s *p, char *a) { p->x = a; system(p->x); }", [78]],
    ["overwritten", 'void f(char *a) { a = "/bin/ls"; system(a); }', []],
    ["a number", "void f(int fd, char *a) { char b[8]; int n = 4; memcpy(b, a, n); }", []],
    [
      "tested, with a way out",
      "void f(char *a, int n) { char b[8]; if (n > 8) return; memcpy(b, a, n); }",
      [],
    ],
    [
      "tested the wrong way",
      "void f(char *a, int n) { char b[8]; if (n < 8) return; memcpy(b, a, n); }",
      [787],
    ],
  ])("%s", (_, text, expected) => {
    expect(scanner.scanCode(text, "cpp").map(({ cwe }) => cwe)).toEqual(expected);
  });
});

test("SQL: comments and text are no code", () => {
  const text =
    "-- GRANT ALL ON a TO PUBLIC;\n/* EXEC xp_cmdshell 'a'; */\nINSERT INTO t VALUES ('GRANT ALL ON a TO PUBLIC');\n";
  expect(scanner.scanCode(text, "sql")).toEqual([]);
});
