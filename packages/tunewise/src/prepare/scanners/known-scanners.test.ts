/** @file Known scanners, found on a search path with fake programs. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { commandWords } from "../../recipe/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { findScanners } from "./known-scanners.ts";

const root = temporaryFolder();
const runtime = {
  ...createRuntime(root, new AbortController().signal, "0.0.0"),
  environment: { PATH: root },
};

test("names, versions and commands of what is on the path", async () => {
  expect((await findScanners(runtime)).found).toEqual([]);
  for (const [name, said] of [
    ["bandit", "bandit 1.9.4\n  python version = 3.11.7"],
    ["semgrep", "oh"],
  ] as const) {
    writeFileSync(join(root, name), `#!/bin/sh\ncat <<'END'\n${said}\nEND\n`);
    chmodSync(join(root, name), 0o755);
  }
  const { found } = await findScanners({
    ...runtime,
    sources: createRuntime(root, runtime.signal, "0").sources,
  });
  expect(found.map(({ program, version }) => `${program} ${version}`)).toEqual([
    "bandit 1.9.4",
    "semgrep of an unknown version",
  ]);
  expect(found.map(({ sarif }) => commandWords(sarif)?.[0])).toEqual(["bandit", "semgrep"]);
});
