/**
 * @file Builds the package into `dist`: few files of code, cut so that a command loads what it uses and no more, and
 * the types beside them.
 *
 * Hundreds of small modules took longer to find and read than to run: `tunewise serve` answers in half the time.
 */
import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { build } from "rolldown";

await rm("dist", { recursive: true, force: true });
await build({
  input: { index: "src/index.ts", "cli/main": "src/cli/main.ts", "cli/supervisor": "src/cli/supervisor.ts" },
  platform: "node",
  // Packages stay packages, with their own licences and versions.
  external: (id) => !/^[./]/.test(id),
  treeshake: { moduleSideEffects: false },
  output: { dir: "dist", format: "esm", chunkFileNames: "code/[name]-[hash].js" },
});
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const types = ["-p", "tsconfig.build.json", "--emitDeclarationOnly"];
const { status } = spawnSync(process.execPath, [compiler, ...types], { stdio: "inherit" });
process.exitCode = status ?? 1;
