import { describe, expect, it } from "vitest";
import { problem, problemCodes, problemKind } from "./make.ts";

describe("problem", () => {
  it("makes an error with the catalog's words", () => {
    const error = problem("USAGE_INVALID", { detail: "unknown command 'plam'", command: "plan" });
    expect(error.message).toBe("unknown command 'plam'");
    expect(error.fix).toBe("tunewise plan --help");
    expect(error.kind).toBe(problemKind("USAGE_INVALID"));
  });

  it.each(["NO_SUCH_CODE", "", "toString", "__proto__", "constructor"])("%s is no code", (word) => {
    expect(problemKind(word)).toBeUndefined();
  });

  it("lists its codes sorted", () => {
    expect(problemCodes()).toEqual([...problemCodes()].sort());
    expect(problemCodes()).toContain("USAGE_INVALID");
  });
});
