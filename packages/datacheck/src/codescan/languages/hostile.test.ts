/** @file Truncated, deeply nested, long or invalid Java, PHP, Go, C# and Rust is scanned without failure. */
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../../test/support/processor-time.ts";
import { readCases } from "../../../../../test/support/scanner-cases.ts";
import type { LanguageName } from "../language.ts";
import { openScanner } from "../scan.ts";

const scanner = await openScanner();

const calls: Readonly<
  Record<"java" | "php" | "go" | "csharp" | "rust", readonly [before: string, call: string, after: string]>
> = {
  java: ["class A { void f(String a) throws Exception { ", "Runtime.getRuntime().exec(", " } }"],
  php: ["<?php ", "system(", ""],
  go: ["package a\nfunc f(a string) { ", "exec.Command(", " }"],
  csharp: ["class A { void F(string a) { ", "Process.Start(", " } }"],
  rust: ["use std::process::Command;\nfn f(a: &str) { ", "Command::new(", " }"],
};

describe.each(Object.entries(calls) as [LanguageName, readonly [string, string, string]][])(
  "%s",
  (language, [before, call, after]) => {
    test("no prefix of any case fails", () => {
      const cases = [...readCases()].flatMap(([id, { found, notFound }]) =>
        id.startsWith(`${language}/`) ? [...found, ...notFound] : [],
      );
      expect(cases.length).toBeGreaterThan(100);
      for (const [at, text] of cases.entries())
        for (let end = text.length - (at % 7); end > 0; end -= 113)
          scanner.scanCode(text.slice(0, end), language);
    });

    test.each([
      ["calls in calls", `${before}${call.repeat(5000)}`],
      ["brackets", `${before}${call}${"(".repeat(50_000)}${")".repeat(50_000)}`],
      ["a long sum", `${before}${call}${'"a" + a + '.repeat(5000)}a)${after}`],
      ["a long chain", `${before}${call}a${".b()".repeat(5000)})${after}`],
      ["arrows", `${before}${call}$a${"->b()".repeat(5000)})${after}`],
      ["blocks", `${before}${"if (a == 1) { ".repeat(3000)}`],
      ["appends", `${before}StringBuilder s = new StringBuilder(); s${'.append("x")'.repeat(3000)};${after}`],
      ["choices", `${before}a = ${"a ? 1 : ".repeat(3000)}2;${after}`],
      ["commas", `${before}echo ${"$a, ".repeat(5000)}$b;${after}`],
      ["NUL and half pairs", `${before}${call}"\0\ud800" + a)\udfff${after}`],
      [
        "names of an object's own",
        `${before}constructor(__proto__.toString(hasOwnProperty));${call}constructor)${after}`,
      ],
      ["no code at all", "exec( echo os. ".repeat(3000)],
    ])("%s", (_, text) => {
      expect(processorMs(() => void scanner.scanCode(text, language), 8000)).toBeLessThan(8000);
    });
  },
);

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

test.each([
  [
    "java, calls whose rules look at the whole file",
    "java",
    `class A { void f(HttpSecurity http) {\n${lines(5000, (at) => `http.csrf().disable(${at});`)}\n} }`,
  ],
  [
    "java, handlers that take objects in",
    "java",
    `@RestController class A {\n${lines(2000, (at) => `@PostMapping("/${at}") void f${at}(@RequestBody User u) { save(u); }`)}\n}`,
  ],
  [
    "php, calls whose rules look at the function",
    "php",
    `<?php\nfunction f($a) {\n${lines(5000, (at) => `setcookie($a, "x${at}");`)}\n}`,
  ],
] as const)("one long text: %s", (_, language, text) => {
  expect(processorMs(() => void scanner.scanCode(text, language), 4000)).toBeLessThan(4000);
});

test("values are followed through what each language builds text with", () => {
  const rulesIn = (text: string, language: LanguageName): string[] =>
    scanner.scanCode(text, language).map(({ rule }) => rule);
  const java = (body: string): string[] =>
    rulesIn(`class A { void f(Connection c, String n) throws Exception { ${body} } }`, "java");
  expect(java('String q = "SELECT a FROM t"; q += " WHERE n = " + n; c.prepareStatement(q);')).toEqual([
    "java/sql-built",
  ]);
  expect(java('c.prepareStatement(String.format("SELECT a FROM t WHERE n = %d", n));')).toEqual([]);
  expect(
    java('switch (n) { case "a": c.prepareStatement("SELECT a FROM t WHERE n = " + n); break; }'),
  ).toEqual([]);
  expect(
    rulesIn("<?php if (!preg_match('#^[a-z]+$#', $_GET['a'])) { die; } system('ls ' . $_GET['a']);", "php"),
  ).toEqual([]);
  expect(
    rulesIn("<?php if (!preg_match('#[a-z]+#', $_GET['a'])) { die; } system('ls ' . $_GET['a']);", "php"),
  ).toEqual(["php/command-text"]);
  expect(rulesIn("<?php $file = $_GET['f']; $x = file($file);", "php")).toEqual(["php/path-from-outside"]);
  const go = (body: string): string[] =>
    rulesIn(`package a\nfunc f(w http.ResponseWriter, r *http.Request) { ${body} }`, "go");
  expect(
    go(
      'var v Item; if err := json.NewDecoder(r.Body).Decode(&v); err != nil { return }; exec.Command("sh", "-c", v.Name).Run()',
    ),
  ).toEqual(["go/shell-text"]);
  expect(go('x := r.FormValue("x"); switch x { case "a", "b": exec.Command("sh", "-c", x).Run() }')).toEqual(
    [],
  );
});
