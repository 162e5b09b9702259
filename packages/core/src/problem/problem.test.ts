import { describe, expect, it } from "vitest";
import { isProblemIn, type ProblemKind, TunewiseError } from "./problem.ts";

const kind: ProblemKind = {
  title: "The heads do not fit",
  message: "num_heads ({heads}) is not divisible by num_kv_heads ({kv}) in {path}",
  fix: "check {path}",
  exitCode: 1,
  since: "0.1.0",
  docs: "A paragraph.",
};

describe("TunewiseError", () => {
  const about = { heads: 12, kv: 5, path: "config.json" };
  const where = { file: "config.json", line: 3, column: 7, text: '  "num_heads": 12' };
  const cause = new Error("from below");
  const error = new TunewiseError("HEADS_UNEQUAL", kind, about, where, cause);

  it("words its message and its fix with the numbers that clash", () => {
    expect(error.message).toBe("num_heads (12) is not divisible by num_kv_heads (5) in config.json");
    expect(error.fix).toBe("check config.json");
  });

  it("carries code, place and cause", () => {
    expect([error.name, error.code, error.where, error.cause]).toEqual([
      "TunewiseError",
      "HEADS_UNEQUAL",
      where,
      cause,
    ]);
    expect("cause" in new TunewiseError("A", kind, about)).toBe(false);
  });

  it("leaves a value that is missing in plain sight", () => {
    expect(new TunewiseError("A", kind, { heads: 1 }).message).toContain("num_kv_heads ({kv})");
  });

  it.each([
    ["what looks like a placeholder", "{path}", "check {path}"],
    ["what looks like a replacement pattern", "$& $1 $$", "check $& $1 $$"],
    ["a name of Object's own", "__proto__", "check __proto__"],
  ])("takes values as they are: %s", (_, path, expected) => {
    expect(new TunewiseError("A", kind, { path }).fix).toBe(expected);
  });
});

describe("TunewiseError.is", () => {
  const foreign = Object.assign(new Error("copy"), { brand: Symbol.for("tunewise.error") });
  it.each([
    ["our error", new TunewiseError("A", kind, {}), true],
    ["one of a second copy of the package", foreign, true],
    ["another error", new Error("no"), false],
    ["an object with a wrong mark", { brand: Symbol("tunewise.error") }, false],
    ["null", null, false],
    ["undefined", undefined, false],
    ["a text", "TunewiseError", false],
    ["a number", 0, false],
  ])("%s", (_, value, expected) => {
    expect(TunewiseError.is(value)).toBe(expected);
  });
});

it("recognizes an error by the area of its code, whatever the code is called", () => {
  const error = new TunewiseError("DISK_OF_RUNS", { ...kind, area: "store" }, {});
  expect(isProblemIn(error, "run-file", "store")).toBe(true);
  expect(isProblemIn(error, "run-file")).toBe(false);
  expect(isProblemIn(new TunewiseError("STORE_A", kind, {}), "store")).toBe(false);
  expect(isProblemIn(new Error("STORE_BUSY"), "store")).toBe(false);
});
