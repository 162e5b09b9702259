/**
 * @file Measures what users install, in MB on disk: `npx tsx tools/measure-install.ts`. The figures of README's install
 *   section and of `docs/decisions/2026-11-24-native-runtime.md` come from it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What npm reads to install. */
const files = [
  "package.json",
  "package-lock.json",
  ".npmrc",
  ...readdirSync("packages").map((name) => `packages/${name}/package.json`),
];

const folder = mkdtempSync(join(tmpdir(), "tunewise-install-"));
try {
  for (const path of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(path, join(folder, path));
  }
  for (const flags of [["--omit=dev"], ["--omit=dev", "--omit=optional"]]) {
    run("npm", ["ci", ...flags, "--no-audit", "--no-fund"]);
    print(`npm ci ${flags.join(" ")}`);
  }
  const binaries = join(folder, "node_modules/onnxruntime-node/bin/napi-v6");
  for (const system of readdirSync(binaries)) {
    for (const cpu of readdirSync(join(binaries, system))) {
      const isThis = system === process.platform && cpu === process.arch;
      if (!isThis) rmSync(join(binaries, system, cpu), { recursive: true });
    }
  }
  print("... and ONNX Runtime for this platform alone");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(what: string): void {
  const [total] = run("du", ["-sm", "node_modules"]).split("\t");
  process.stdout.write(`${total?.padStart(5)} MB   ${what}\n`);
}

function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${program} ${words.join(" ")} ended with ${status}: ${stderr.slice(-2000)}`);
  return stdout;
}
