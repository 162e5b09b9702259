/**
 * @file Builds the package into `dist`: few files of code, and the types beside them.
 *
 * Hundreds of small modules took longer to find and read than to run: `tunewise serve` answers in half the time.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { buildCode } from "./build-code.ts";

await buildCode();
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const types = ["-p", "tsconfig.build.json", "--emitDeclarationOnly"];
const { status } = spawnSync(process.execPath, [compiler, ...types], { stdio: "inherit" });
process.exitCode = status ?? 1;
