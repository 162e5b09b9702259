/**
 * @file The native runtime's C interface: the shared library inside `onnxruntime-node`, called without its binding.
 *
 * The package's own JavaScript binding copies every result into fresh memory, which cost a seventh of a training
 * step. Its C interface writes results where they belong.
 */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import koffi from "koffi";

/** An address in the process; 0 is none. */
export type Pointer = bigint;

/** Version of the interface whose table is laid out as below; later libraries keep it. */
const apiVersion = 22;

/**
 * Places of functions in the table, their results and arguments. Results `void *` are a status: 0 for success.
 *
 * @source microsoft/onnxruntime include/onnxruntime/core/session/onnxruntime_c_api.h 1.30, struct OrtApi: entries are
 * never moved, new ones are added at the end
 */
const table = {
  getErrorMessage: [2, "str", ["void *"]],
  createEnvironment: [3, "void *", ["int", "str", "void *"]],
  createSessionFromArray: [8, "void *", ["void *", "void *", "size_t", "void *", "void *"]],
  run: [9, "void *", ["void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"]],
  createSessionOptions: [10, "void *", ["void *"]],
  disableMemoryPattern: [17, "void *", ["void *"]],
  setOptimizationLevel: [23, "void *", ["void *", "int"]],
  setIntraOpThreads: [24, "void *", ["void *", "int"]],
  setInterOpThreads: [25, "void *", ["void *", "int"]],
  createTensor: [49, "void *", ["void *", "void *", "size_t", "void *", "size_t", "int", "void *"]],
  createCpuMemoryInfo: [69, "void *", ["int", "int", "void *"]],
  releaseStatus: [93, "void", ["void *"]],
  releaseSession: [95, "void", ["void *"]],
  releaseValue: [96, "void", ["void *"]],
  releaseSessionOptions: [100, "void", ["void *"]],
  addSessionConfigEntry: [130, "void *", ["void *", "str", "str"]],
} as const;

/** Arguments of a native function: addresses, whole numbers, text, and arrays whose memory is handed over. */
export type Argument = Pointer | number | string | ArrayBufferView | null;

/** A native function; what it gives back depends on its row in the table. */
export type NativeFunction = (...values: Argument[]) => unknown;

/** The runtime's functions by name. */
export type NativeRuntime = Readonly<Record<keyof typeof table, NativeFunction>> & {
  /** Keeps the library loaded: it is unloaded when nobody holds it. */
  readonly library: unknown;
};

/**
 * Loads the library and looks up its functions.
 *
 * @throws {Error} where the package has no library for this platform, or another interface
 */
export function loadRuntime(): NativeRuntime {
  const library = koffi.load(libraryPath());
  const base = library.func("OrtGetApiBase", "void *", [])() as Pointer;
  const getApi = koffi.decode(base, "void *") as Pointer;
  const api = koffi.call(getApi, koffi.proto("void *", ["uint32_t"]), apiVersion) as Pointer | null;
  if (!api) throw new Error(`onnxruntime has no interface of version ${apiVersion}`);
  const functions = Object.entries(table).map(([name, [place, result, values]]) => {
    const type = koffi.proto(result, [...values]);
    const address = koffi.decode(api, place * koffi.sizeof("void *"), "void *") as Pointer;
    return [name, (...given: Argument[]): unknown => koffi.call(address, type, ...given)];
  });
  return { ...(Object.fromEntries(functions) as Record<keyof typeof table, NativeFunction>), library };
}

/** Where an array's numbers lie; valid while the array is held. */
export function addressOf(data: ArrayBufferView): Pointer {
  return koffi.address(data);
}

/** `bin/napi-v6/linux/x64/libonnxruntime.so.1` of the package, by whatever name the platform gives it. */
function libraryPath(): string {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve("onnxruntime-node/package.json"));
  const binaries = join(root, "bin");
  const folders = existsSync(binaries) ? readdirSync(binaries) : [];
  for (const folder of folders.map((napi) => join(binaries, napi, platform(), arch())).filter(existsSync)) {
    const name = readdirSync(folder).find((file) =>
      /^(lib)?onnxruntime[.\d]*\.(so|dll|dylib)[.\d]*$/.test(file),
    );
    if (name) return join(folder, name);
  }
  throw new Error(`onnxruntime-node has no library for ${platform()} on ${arch()}`);
}
