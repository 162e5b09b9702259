import { describe, expect, test } from "vitest";
import { readSql } from "./sql-tokens.ts";

/** Tokens as text: strings in quotes, names and words bare, numbers after `#`, marks in angle brackets. */
const shown = (text: string): string | undefined =>
  readSql(text)
    ?.map(
      ({ kind, text: one }) => ({ text: `'${one}'`, word: one, number: `#${one}`, mark: `<${one}>` })[kind],
    )
    .join(" ");

describe("tokens", () => {
  test.each([
    ["words in lower case, spaces of all kinds", "Select\n\ta  FROM", "select a from"],
    ["nothing", " \n ", ""],
    ["a comment to the end of its line", "a -- b\nc", "a c"],
    ["a comment to the end of the text", "a -- b", "a"],
    ["a comment in between", "a/* b * / -- */c", "a c"],
    ["a minus is no comment, nor is a slash", "a - b / c", "a <-> b </> c"],
    ["texts keep their case, and two quotes are one", "'It''s' ''", "'It's' ''"],
    ["names in quotes of all kinds", '"My T" `a``b` [c "d"]', 'my t a`b c "d"'],
    ["brackets are not doubled", "[a]]", "a <]>"],
    ["two double quotes are one", '"a""b"', 'a"b'],
    ["letters of any script, digits and $ inside", "größe _x a1$b", "größe _x a1$b"],
    ["what begins with a digit is a number and a word", "1a $1", "#1 a <$> #1"],
    ["numbers by value", "1.50 007 .5 5. 1.0", "#1.5 #7 #0.5 #5 #1"],
    ["a dot between names is none", "t.a t . a", "t <.> a t <.> a"],
    ["a number ends at its second dot", "1.2.", "#1.2 <.>"],
    [
      "comparisons, with the odd ones as the usual",
      "<= >= <> != == = < >",
      "<<=> <>=> <!=> <!=> <=> <=> <<> <>>",
    ],
    ["pairs of marks that are one", "a||b::c", "a <||> b <::> c"],
    ["other marks one by one", "(*);+", "<(> <*> <)> <;> <+>"],
    ["semicolons at the end", "a; b ; ;", "a <;> b"],
    ["a text or a name that is a semicolon stays", "a ';'", "a ';'"],
    ["so does a name", 'a ";"', "a ;"],
  ])("%s", (_, text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });

  test.each(["a 'b", 'a "b', "a `b", "a [b", "a /* b", "/*/", "'a''"])("%s never closes", (text) => {
    expect(readSql(text)).toBeNull();
  });

  test("100,000 characters are read, one more is not", () => {
    const text = "a".repeat(100_000);
    expect(readSql(text)).toEqual([{ kind: "word", text }]);
    expect(readSql(`${text}a`)).toBeNull();
  });
});

describe("double quotes", () => {
  test.each(["=", "==", "!=", "<>", "<", ">", "<=", ">=", "like", "LIKE"])(
    "behind %s hold a text, and its case counts",
    (mark) => {
      expect(readSql(`a ${mark} "B"`)?.at(-1)).toEqual({ kind: "text", text: "B" });
    },
  );

  test.each([
    ["in a list of values", 'a in ("B", "C") "D"', "a in <(> 'B' <,> 'C' <)> d"],
    ["other quotes are names everywhere", "a = `B` = [C]", "a <=> b <=> c"],
    ["behind other words and marks a name", 'select "B" + "C"', "select b <+> c"],
    ["in other brackets a name", 'f("B") in "C"', "f <(> b <)> in c"],
    ["a text that looks like a comparison is none", `'=' "B" 'like' "C"`, "'=' b 'like' c"],
    ["nor is a name that looks like one", '[=] "B"', "= b"],
    ["without brackets it is no list", 'a in t "B"', "a in t b"],
    ["a text that looks like a list is none", `'in' ("B")`, "'in' <(> b <)>"],
    ["a text that looks like its end does not end it", `in (')', "B")`, "in <(> ')' <,> 'B' <)>"],
  ])("%s", (_, text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });
});
