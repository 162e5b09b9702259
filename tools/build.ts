/**
 * @file Builds the package into `dist`: few files of code, the types beside them, and the page.
 *
 * Hundreds of small modules took longer to find and read than to run: `tunewise serve` answers in half the time. Types
 * of `@tunewise/codescan`, a workspace that is not published, go to `dist/codescan` and are named by their path there.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { buildCode } from "./build-code.ts";
import { buildWeb } from "./build-web.ts";

await buildCode();
await buildWeb();
process.exitCode = writeTypes("packages/codescan/tsconfig.build.json") || writeTypes("tsconfig.build.json");
nameByPath("@tunewise/codescan", "dist/codescan/index.js");

/** Returns the compiler's exit code. */
function writeTypes(project: string): number {
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const types = ["-p", project, "--emitDeclarationOnly"];
  return spawnSync(process.execPath, [compiler, ...types], { stdio: "inherit" }).status ?? 1;
}

/** Lets the types in `dist` name a workspace by where its types lie. */
function nameByPath(workspace: string, types: string): void {
  for (const name of readdirSync("dist", { encoding: "utf8", recursive: true })) {
    const path = join("dist", name);
    if (!path.endsWith(".d.ts")) continue;
    const text = readFileSync(path, "utf8");
    const way = `./${relative(dirname(path), types).replaceAll("\\", "/")}`;
    if (text.includes(`"${workspace}"`)) writeFileSync(path, text.replaceAll(`"${workspace}"`, `"${way}"`));
  }
}
