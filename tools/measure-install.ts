/**
 * @file Measures the installed size in MB on disk: `npm run build && npx tsx tools/measure-install.ts`. The numbers in
 *   README's install section and in `docs/decisions/2026-11-24-native-runtime.md` come from it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "tunewise-install-"));
try {
  run("npm", ["pack", "--pack-destination", folder], ".");
  const tarball = join(folder, String(readdirSync(folder).find((name) => name.endsWith(".tgz"))));
  print(statSync(tarball).size / 1e6, "the tarball");
  writeFileSync(join(folder, "package.json"), "{}");
  for (const flags of [[], ["--omit=optional"]]) {
    rmSync(join(folder, "node_modules"), { recursive: true, force: true });
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", ...flags, tarball], folder);
    const [megabytes] = run("du", ["-sm", "node_modules"], folder).split("\t");
    print(Number(megabytes), ["installed", ...flags].join(" "));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(megabytes: number, what: string): void {
  process.stdout.write(`${megabytes.toFixed(0).padStart(5)} MB   ${what}\n`);
}

function run(program: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${program} ${words.join(" ")} exited with ${status}: ${stderr.slice(-2000)}`);
}
