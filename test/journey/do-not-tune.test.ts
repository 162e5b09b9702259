/** @file An example where training helps, but retrieval helps more at no cost, and the verdict says so. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { smallModel, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("a list to look things up in needs no training", { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  cpSync(resolve("examples/desks"), folder, { recursive: true });
  const path = join(folder, "tunewise.yaml");
  writeFileSync(path, readFileSync(path, "utf8").replace("../../models/small", smallModel));
  const { code, out, err } = tunewise(folder, ["try", "--train", "--yes", "--json"]);
  expect(code, err).toBe(0);
  const { decision, arms } = JSON.parse(out.slice(out.lastIndexOf("\n{\n") + 1));
  expect(decision).toMatchObject({ verdict: "do-not-tune", arm: "neighbours", isInvalid: false });
  const quality = (name: string): number =>
    arms.find(({ line }: { line: string }) => line === name).scores[0].value;
  // training improved the model, so the verdict is not due to a failed training
  expect(quality("tuned")).toBeGreaterThan(quality("prompt") + 0.2);
  expect(quality("neighbours")).toBeGreaterThan(quality("tuned") + 0.1);
});
