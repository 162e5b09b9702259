/** @file The example in each package's README runs and prints what it promises. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { promisedOutput } from "../support/api-examples.ts";
import { readText, root } from "./sources.ts";

const names = readdirSync(join(root, "packages"));

test.each(names)("packages/%s/README.md", (name) => {
  const page = readText(`packages/${name}/README.md`);
  const example = /^```ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? "";
  const promised = promisedOutput(example);
  expect(promised.length).toBeGreaterThan(0);
  const words = ["--import", "tsx", "--input-type=module", "--eval", example];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
  expect(stdout.trim().split("\n"), stderr).toEqual(promised);
});
