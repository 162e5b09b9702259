/**
 * @file Recipes with excessive nesting, repetition or size are rejected before they exhaust the stack or the memory.
 */
import { describe, expect, it } from "vitest";
import { readRecipe } from "./read.ts";

const minimal = "model: owner/name\ndata:\n  train: rows.jsonl\n";

describe("limits", () => {
  const bombs: [name: string, text: string, code: string][] = [
    ["a file that is no recipe", `# ${"x".repeat(300_000)}`, "RECIPE_TOO_LARGE"],
    ["endless brackets", "[".repeat(100_000), "RECIPE_TOO_COMPLEX"],
    ["endless brackets that are closed", `data: ${"[".repeat(1e5)}${"]".repeat(1e5)}`, "RECIPE_TOO_COMPLEX"],
    ["endless braces", `data: ${"{a: ".repeat(40_000)}`, "RECIPE_TOO_COMPLEX"],
    ["endless dashes", `${"- ".repeat(100_000)}x`, "RECIPE_TOO_COMPLEX"],
    ["endless question marks", `${"? ".repeat(100_000)}x`, "RECIPE_TOO_COMPLEX"],
    ["deep nesting", `a: ${"[".repeat(40)}${"]".repeat(40)}`, "RECIPE_TOO_COMPLEX"],
    ["an alias of itself", "model: &a [*a]", "RECIPE_TOO_COMPLEX"],
    ["a billion laughs", laughs(9), "RECIPE_TOO_COMPLEX"],
  ];
  it.each(bombs)("%s", (_, text, code) => {
    const { recipe, problems } = readRecipe(text, "tunewise.yaml");
    expect(recipe).toBeNull();
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it("names the place, the depth and the limit of what nests too deep", () => {
    const [problem] = readRecipe(`data:\n  train: ${"[".repeat(100_000)}`, "tunewise.yaml").problems;
    expect(problem?.where).toMatchObject([{ file: "tunewise.yaml", line: 2, column: 72 }]);
    expect(problem?.detail).toBe("This value lies over 16 levels deep; a recipe may have 16 levels.");
    expect(problem?.fix).toContain("remove brackets");
  });

  function laughs(levels: number): string {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level <= levels; level++) {
      const items = Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ");
      lines.push(`a${level}: &a${level} [${items}]`);
    }
    return lines.join("\n");
  }

  it("leaves no key on a prototype", () => {
    readRecipe(`${minimal}__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n`, "x");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
