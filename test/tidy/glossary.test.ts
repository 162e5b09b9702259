import { describe, expect, it } from "vitest";
import { readSources, readText } from "./sources.ts";

const lines = readText("docs/GLOSSARY.md")
  .split("\n")
  .filter((line) => line.startsWith("- "));
const terms = lines.map((line) => /^- \*\*(.+?)\*\*: [A-Z].*\.$/.exec(line)?.[1] ?? line);
const code = textOf(readSources().filter(({ isProduct }) => isProduct));

describe("the glossary", () => {
  it("has one sentence or two for each term, in alphabetical order", () => {
    expect(terms).toEqual([...new Set(terms)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
    expect(terms.filter((term) => term.startsWith("- "))).toEqual([]);
  });

  it("has only terms that the code uses, in words or in names", () => {
    const isUsed = (term: string): boolean =>
      [term, term.replaceAll(/[ -]/g, ""), term.replaceAll(" ", "-")].some((form) =>
        code.includes(form.toLowerCase()),
      );
    expect(terms.filter((term) => !isUsed(term))).toEqual([]);
    expect(isUsed("flux capacitor")).toBe(false);
  });
});

/** All sources in lower case, with line breaks in comments removed. */
function textOf(sources: readonly { readonly text: string }[]): string {
  return sources.map(({ text }) => text.toLowerCase().replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ")).join("\n");
}
