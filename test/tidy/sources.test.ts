import { describe, expect, it } from "vitest";
import { docRules } from "./rules/docs.ts";
import { effectRules } from "./rules/effects.ts";
import { limitRules } from "./rules/limits.ts";
import { sizeRules } from "./rules/size.ts";
import { wordRules } from "./rules/words.ts";
import { readSources, sourceFrom } from "./sources.ts";

const rules = [...sizeRules, ...wordRules, ...effectRules, ...docRules, ...limitRules];

describe.each(rules)("$name", (rule) => {
  it.each(rule.bad)("reports %s", (path, text) => {
    expect(rule.find(sourceFrom(path, text))).not.toEqual([]);
  });

  it.each(rule.good)("accepts %s", (path, text) => {
    expect(rule.find(sourceFrom(path, text))).toEqual([]);
  });

  it("holds in every source", () => {
    const found = readSources()
      .filter(({ path }) => !path.startsWith("test/tidy/rules/"))
      .flatMap((source) => rule.find(source).map((line) => `${source.path}:${line}`));
    expect(found).toEqual([]);
  });
});

describe("the sources", () => {
  it("are all found", () => {
    const paths = readSources().map(({ path }) => path);
    expect(paths).toContain("packages/core/src/quantity/quantity.ts");
    expect(paths).toContain("packages/datacheck/src/codescan/scan.ts");
    expect(paths).toContain("test/tidy/sources.test.ts");
    expect(paths).toContain("web/src/main.tsx");
  });

  it("are small files for the most part", () => {
    const sizes = readSources()
      .filter(({ isProduct }) => isProduct)
      .map(({ lines }) => lines.length - 1)
      .sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(150);
  });
});
