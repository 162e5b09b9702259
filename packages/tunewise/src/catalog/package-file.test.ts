import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { packageFile, packageProgram } from "./package-file.ts";

test("files of the package are found where they are, and programs as sources here", () => {
  expect(packageFile("package.json")).toBe(resolve("package.json"));
  for (const path of ["data/general/text.jsonl", "schema/tunewise.schema.json", "examples/tickets"])
    expect(existsSync(packageFile(path)), path).toBe(true);
  expect(packageProgram("main")).toBe(resolve("packages/tunewise/src/cli/main.ts"));
  expect(existsSync(packageProgram("supervisor"))).toBe(true);
});
