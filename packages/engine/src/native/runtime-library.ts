/**
 * @file Locates the shared library of ONNX Runtime: in the published package, else in a clone's `onnxruntime-node`.
 *
 * The published package contains the libraries themselves. As a dependency, `onnxruntime-node` would run an install
 * script that downloads CUDA files from another host, and the installation would fail if that host is unreachable.
 */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the published package with the libraries, by platform and architecture; `npm pack` fills it. */
const packedLibraries = "native/onnxruntime";

/**
 * Path of the library for this platform.
 *
 * The packed library comes first: an installation may hold another version of `onnxruntime-node` for another package.
 *
 * @param start folder to search upward from for the packed libraries
 * @throws {Error} if there is no library for this platform
 */
export function runtimeLibrary(start: string = dirname(fileURLToPath(import.meta.url))): string {
  const found = inPackage(start) ?? inDependency();
  if (found) return found;
  const supported = "Linux and Windows on x64 and arm64, and macOS on arm64";
  throw new Error(`ONNX Runtime has no library for ${platform()} on ${arch()}; it has some for ${supported}`);
}

/** `native/onnxruntime/linux/x64/libonnxruntime.so.1` of the package that contains a folder; `null` if missing. */
function inPackage(folder: string): string | null {
  const found = libraryIn(join(folder, packedLibraries, platform(), arch()));
  const above = dirname(folder);
  return found ?? (above === folder ? null : inPackage(above));
}

/** `bin/napi-v6/linux/x64/libonnxruntime.so.1` of `onnxruntime-node`; `null` if missing. */
function inDependency(): string | null {
  const require = createRequire(import.meta.url);
  try {
    const binaries = join(dirname(require.resolve("onnxruntime-node/package.json")), "bin");
    const folders = readdirSync(binaries).map((napi) => join(binaries, napi, platform(), arch()));
    return folders.map(libraryIn).find((path) => path !== null) ?? null;
  } catch {
    return null;
  }
}

function libraryIn(folder: string): string | null {
  const name = existsSync(folder) ? readdirSync(folder).find(isRuntimeLibrary) : undefined;
  return name === undefined ? null : join(folder, name);
}

/** Recognizes the file names of the library: `libonnxruntime.so.1`, `libonnxruntime.1.dylib`, `onnxruntime.dll`. */
export function isRuntimeLibrary(name: string): boolean {
  return /^(lib)?onnxruntime[.\d]*\.(so|dll|dylib)[.\d]*$/.test(name);
}
