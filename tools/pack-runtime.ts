/**
 * @file Copies the libraries of ONNX Runtime into `native/` before `npm pack` (`prepack`), and removes them afterwards
 *   (`postpack`). Only what the engine loads is copied: no JavaScript binding, no DirectML.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRuntimeLibrary } from "../packages/engine/src/native/runtime-library.ts";

const target = "native/onnxruntime";

rmSync("native", { recursive: true, force: true });
if (!process.argv.includes("--remove")) copyLibraries("node_modules/onnxruntime-node/bin");

function copyLibraries(binaries: string): void {
  if (!existsSync(binaries)) throw new Error(`${binaries} does not exist; install it with: npm ci`);
  for (const napi of readdirSync(binaries)) {
    for (const platform of readdirSync(join(binaries, napi))) {
      for (const arch of readdirSync(join(binaries, napi, platform))) {
        copyLibrary(join(binaries, napi, platform, arch), join(target, platform, arch));
      }
    }
  }
}

/** Copies one library. The macOS library exists twice, once with its full version in the name. */
function copyLibrary(from: string, to: string): void {
  const [name] = readdirSync(from)
    .filter(isRuntimeLibrary)
    .sort((a, b) => a.length - b.length);
  if (name === undefined) throw new Error(`${from} contains no library of ONNX Runtime`);
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, name), join(to, name));
}
