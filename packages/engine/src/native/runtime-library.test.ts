import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isRuntimeLibrary, runtimeLibrary } from "./runtime-library.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("runtimeLibrary", () => {
  it("takes the library that the published package contains, from any folder inside of it", () => {
    const root = mkdtempSync(join(tmpdir(), "tunewise-native-"));
    folders.push(root);
    const packed = join(root, "native/onnxruntime", platform(), arch());
    mkdirSync(packed, { recursive: true });
    mkdirSync(join(root, "dist/code"), { recursive: true });
    writeFileSync(join(packed, "libonnxruntime.so.1"), "");
    expect(runtimeLibrary(join(root, "dist/code"))).toBe(join(packed, "libonnxruntime.so.1"));
  });

  it("takes the library of onnxruntime-node in a clone", () => {
    expect(runtimeLibrary()).toContain(join("node_modules", "onnxruntime-node", "bin"));
  });
});

it.each([
  ["libonnxruntime.so.1", true],
  ["libonnxruntime.1.dylib", true],
  ["libonnxruntime.1.30.0.dylib", true],
  ["onnxruntime.dll", true],
  ["onnxruntime_binding.node", false],
  ["libonnxruntime_providers_cuda.so", false],
  ["DirectML.dll", false],
])("%s is the library of the runtime: %s", (name, expected) => {
  expect(isRuntimeLibrary(name)).toBe(expected);
});
