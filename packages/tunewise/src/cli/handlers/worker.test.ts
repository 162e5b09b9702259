/** @file Tests that `worker install` announces downloads, and asks before installing a build that does not match. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { invokeHere } from "../../../../../test/support/invoke-here.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";

const root = temporaryFolder();
const wheels = {
  isTorchIndexReachable: false,
  bytes: 3.09e9,
  unknown: 0,
  torch: "torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl",
};

/** A stub of a suitable Python that finds these wheels but cannot install anything. */
function pythonFinding(): string {
  const path = join(root, "python");
  const lines = [
    "#!/bin/sh",
    `case "$*" in`,
    `  *ensurepip*) echo 3.12.4 ;;`,
    `  *wheels.py*) echo '${JSON.stringify(wheels)}' ;;`,
    "  *) exit 1 ;;",
    "esac",
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

test.skipIf(process.platform !== "linux")("another build than the one that fits takes a yes", async () => {
  const words = ["worker", "install", "--python", pythonFinding()];
  const env = { TUNEWISE_CACHE: join(root, "cache"), PATH: process.env["PATH"] ?? "" };
  const asked = await invokeHere(root, words, { env });
  expect(asked.code).toBe(3);
  expect(asked.err).toContain("the build of the package index, which brings CUDA");
  expect(asked.err).toContain("https://download.pytorch.org/whl/cpu does not answer");
  expect(asked.err).toContain("3.09 GB with torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl");
  expect(asked.err).toContain("TUNEWISE_PYTHON");
  expect(asked.err).toContain("WORKER_BUILD_UNASKED");
  const taken = await invokeHere(root, [...words, "--yes"], { env });
  expect(taken.err).toContain("WORKER_INSTALL_FAILED");
});
