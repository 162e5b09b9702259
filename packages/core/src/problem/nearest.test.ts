import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const commands = ["init", "doctor", "check", "plan", "run", "resume", "evaluate", "generate", "runs", "show"];

describe("nearest", () => {
  it.each([
    ["chekc", "check"],
    ["plna", "plan"],
    ["evalute", "evaluate"],
    ["PLAN", "plan"],
    ["docter", "doctor"],
    ["resmue", "resume"],
    ["rnu", "run"],
    ["generat", "generate"],
  ])("of %s is %s", (word, expected) => {
    expect(nearest(word, commands)).toBe(expected);
  });

  it.each(["", "xyzzy", "deploy", "evaluation-of-everything"])("of %s is nothing", (word) => {
    expect(nearest(word, commands)).toBeUndefined();
  });

  it("has nothing to offer where nothing is known", () => {
    expect(nearest("plan", [])).toBeUndefined();
  });

  it("counts two letters swapped as one edit", () => {
    expect(nearest("ab", ["ba"])).toBe("ba");
  });

  it("takes the nearer of two, and the first of two equally near", () => {
    expect(nearest("learning_rat", ["learning_mate", "learning_rate"])).toBe("learning_rate");
    expect(nearest("cat", ["bat", "rat"])).toBe("bat");
  });

  it("finds a known word itself, whatever stands beside it", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1 }), (words) => {
        const word = words[0] ?? "";
        expect(nearest(word, words)?.toLowerCase()).toBe(word.toLowerCase());
      }),
    );
  });

  it("stays quick on a word of ten thousand letters", () => {
    expect(nearest("x".repeat(10_000), commands)).toBeUndefined();
  });
});
