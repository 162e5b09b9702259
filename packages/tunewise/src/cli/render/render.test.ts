import { describe, expect, it } from "vitest";
import { type Finding, problem } from "../../problem/index.ts";
import { ESCAPE, paint, wantsColor, withoutColors } from "./paint.ts";
import { caretLines, errorDocument, errorText, findingsText, findingText, placeName } from "./problem.ts";
import { sparkline } from "./sparkline.ts";
import { tableText, width, wrap } from "./table.ts";
import { plain } from "./terminal.ts";

const none = paint(false);
const about = { command: "check", version: "9.9.9" };

function finding(given: Partial<Finding> = {}): Finding {
  return {
    code: "RECIPE_KEY_UNKNOWN",
    severity: "error",
    title: "Unknown key",
    detail: "No key `x`.",
    where: [],
    count: 1,
    fix: "remove it",
    ...given,
  };
}

describe("colors", () => {
  const cases: [env: Record<string, string>, isTTY: boolean, wanted: boolean][] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, false, false],
    [{ TERM: "dumb" }, true, false],
  ];
  it.each(cases)("%j, terminal %s: %s", (env, isTTY, wanted) => {
    expect(wantsColor(env, { isTTY })).toBe(wanted);
  });

  it("make red the word error and nothing else", () => {
    const text = findingText(finding(), paint(true));
    expect(text.split(`${ESCAPE}[31m`).map((part) => part.split(`${ESCAPE}[39m`)[0])).toEqual(["", "error"]);
  });
});

describe("places", () => {
  const names: [line: number | undefined, column: number | undefined, name: string][] = [
    [undefined, undefined, "a.yaml"],
    [3, undefined, "a.yaml:3"],
    [3, 4, "a.yaml:3:4"],
  ];
  it.each(names)("line %s, column %s: %s", (line, column, name) => {
    const place = { file: "a.yaml", ...(line ? { line } : {}), ...(column ? { column } : {}) };
    expect(placeName(place)).toBe(name);
  });

  const carets: [what: string, text: string, column: number][] = [
    ["a plain line", "rank: x", 7],
    ["a tab in front", "\trank: x", 8],
    ["an emoji in front, which is two units and one character", "a: 🙂 x", 7],
    ["the end of a long line", `${"a".repeat(300)}x`, 301],
    ["the middle of a long line", `${"a".repeat(150)}x${"b".repeat(150)}`, 151],
  ];
  it.each(carets)("put the caret below the x of %s", (_, text, column) => {
    const [line = "", caret = ""] = caretLines({ file: "f", line: 1, column, text }, none);
    expect([...line][[...caret].indexOf("^")]).toBe("x");
    expect([...line].length).toBeLessThan(110);
  });

  it("have no caret without a column, and nothing without text", () => {
    expect(caretLines({ file: "f", line: 2, text: "abc" }, none)).toEqual(["2 | abc"]);
    expect(caretLines({ file: "f", line: 2, text: "  " }, none)).toEqual([]);
    expect(caretLines({ file: "f" }, none)).toEqual([]);
  });

  it("let no file steer the terminal", () => {
    expect(plain("a\u001b[2Jb\r\n\u202ec\u0000")).toBe("a·[2Jb···c·");
  });
});

describe("findings", () => {
  it("show a piece of a recipe as lines to paste", () => {
    const text = errorText(problem("ENGINE_RANK_INVALID", { rank: 64, most: 48 }), none, {
      command: "run",
      version: "1",
    });
    expect(text.split("\n").slice(-3)).toEqual(["  fix:", "    method:", "      rank: 16"]);
  });

  it("are listed errors first, with a count", () => {
    const list = [
      finding({ severity: "note", code: "C_C" }),
      finding({ severity: "warning", code: "B_B" }),
      finding({ code: "A_A" }),
      finding({ code: "A_B" }),
    ];
    const text = findingsText(list, none);
    expect(text.match(/[ABC]_[ABC]/g)).toEqual(["A_A", "A_B", "B_B", "C_C"]);
    expect(text.endsWith("\n\n2 errors, 1 warning, 1 note")).toBe(true);
    expect(findingsText([], none)).toBe("");
  });

  it("show three places and count the rest", () => {
    const where = [1, 2, 3, 4].map((line) => ({ file: "rows.jsonl", line }));
    expect(findingText(finding({ where, count: 37 }), none)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: No key \`x\`.
        rows.jsonl:1
        rows.jsonl:2
        rows.jsonl:3
        and 34 more
        fix: remove it"
    `);
  });
});

describe("errors", () => {
  it("of the catalog show message, place, cause and fix", () => {
    const where = { file: "tunewise.yaml", line: 2, column: 3, text: "  x: 1" };
    const error = problem("RECIPE_NOT_FOUND", { path: "a.yaml" }, { where, cause: new Error("ENOENT") });
    expect(errorText(error, none, about)).toMatchInlineSnapshot(`
      "error RECIPE_NOT_FOUND: a.yaml does not exist or is not a file.
        tunewise.yaml:2:3
          2 |   x: 1
            |   ^
        cause: ENOENT
        fix: tunewise init"
    `);
  });

  it("show the findings they carry", () => {
    const cause = [finding()];
    const error = problem("RECIPE_INVALID", { path: "a.yaml", count: "one problem" }, { cause });
    expect(errorText(error, none, about)).toMatchInlineSnapshot(`
      "error RECIPE_KEY_UNKNOWN: No key \`x\`.
        fix: remove it

      1 error

      error RECIPE_INVALID: a.yaml has one problem.
        fix: correct the places shown, then: tunewise check a.yaml"
    `);
    expect(errorDocument(error)).toMatchObject({ code: "RECIPE_INVALID", findings: cause });
  });

  const bugs: [name: string, thrown: unknown, message: string][] = [
    ["an error", new TypeError("x is not a function"), "x is not a function"],
    ["an assertion of ours", new Error("Internal: shape"), "shape"],
    ["text", "boom", "boom"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without a prototype", Object.assign(Object.create(null), { toString: () => "o" }), "o"],
  ];
  it.each(bugs)("of ours are called so: %s", (_, thrown, message) => {
    const text = errorText(thrown, none, about);
    expect(text).toMatch(`error Internal: ${message}\n`);
    expect(text).toMatch("tunewise 9.9.9 in `tunewise check`");
    expect(errorDocument(thrown)).toMatchObject({ code: "INTERNAL" });
  });
});

describe("tables", () => {
  it("align columns and count no colors", () => {
    const bold = paint(true).bold("model");
    const columns = ["what", "#GB", "note"];
    const text = tableText(columns, [
      [bold, "1.05", "x"],
      ["optimizer", "12"],
    ]);
    expect(withoutColors(text)).toMatchInlineSnapshot(`
      "what         GB  note
      model      1.05  x
      optimizer    12"
    `);
    expect(width(bold)).toBe(5);
  });

  it("have no head where all heads are empty", () => {
    expect(tableText(["", ""], [["a", "b"]])).toBe("a  b");
  });

  it("wrap at blanks", () => {
    expect(wrap("one two  three\nfour", 9)).toEqual(["one two", "three", "four"]);
    expect(wrap('found "a  b" here', 40)).toEqual(['found "a  b" here']);
    expect(wrap("incomprehensibilities a", 5)).toEqual(["incomprehensibilities", "a"]);
    expect(wrap("", 5)).toEqual([]);
  });
});

describe("sparklines", () => {
  const cases: [values: number[], line: string][] = [
    [[], ""],
    [[3], "▁"],
    [[1, 1, 1], "▁▁▁"],
    [[8, 7, 6, 5, 4, 3, 2, 1], "█▇▆▅▄▃▂▁"],
    [[1, Number.NaN, 2, Number.POSITIVE_INFINITY], "▁·█·"],
    [[Number.NaN], "·"],
    [[9, 9, 0, 1], "██▁▁"],
  ];
  it.each(cases)("%j is %s", (values, line) => {
    expect(sparkline(values, 8)).toBe(line);
  });

  it("show the latest values", () => {
    expect(sparkline([9, 1, 2], 2)).toBe("▁█");
  });
});
