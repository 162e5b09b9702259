/**
 * @file The C interface of ONNX Runtime, called without the JavaScript binding of `onnxruntime-node`.
 *
 * That binding copies every result into new memory, which took a seventh of a training step. The C interface writes
 * results in place.
 */
import koffi from "koffi";
import { runtimeLibrary } from "./runtime-library.ts";

/** A native address; 0 is null. */
export type Pointer = bigint;

/** Version of the API whose table has the layout below; later libraries keep it. */
const apiVersion = 22;

/**
 * Functions of the API table: index, result type and arguments. A `void *` result is a status: null for success.
 *
 * @source microsoft/onnxruntime include/onnxruntime/core/session/onnxruntime_c_api.h 1.30, struct OrtApi: entries are
 *   never moved, new ones are added at the end
 */
const table = {
  createStatus: [0, "void *", ["int", "str"]],
  getErrorMessage: [2, "str", ["void *"]],
  createEnvironment: [3, "void *", ["int", "str", "void *"]],
  createSessionFromArray: [8, "void *", ["void *", "void *", "size_t", "void *", "void *"]],
  run: [9, "void *", ["void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"]],
  createSessionOptions: [10, "void *", ["void *"]],
  disableMemoryPattern: [17, "void *", ["void *"]],
  setOptimizationLevel: [23, "void *", ["void *", "int"]],
  setIntraOpThreads: [24, "void *", ["void *", "int"]],
  setInterOpThreads: [25, "void *", ["void *", "int"]],
  createOperatorDomain: [26, "void *", ["str", "void *"]],
  addOperator: [27, "void *", ["void *", "void *"]],
  addOperatorDomain: [28, "void *", ["void *", "void *"]],
  getTensorData: [51, "void *", ["void *", "void *"]],
  getKernelInput: [90, "void *", ["void *", "size_t", "void *"]],
  getKernelOutput: [91, "void *", ["void *", "size_t", "void *", "size_t", "void *"]],
  createTensor: [49, "void *", ["void *", "void *", "size_t", "void *", "size_t", "int", "void *"]],
  createCpuMemoryInfo: [69, "void *", ["int", "int", "void *"]],
  releaseStatus: [93, "void", ["void *"]],
  releaseSession: [95, "void", ["void *"]],
  releaseValue: [96, "void", ["void *"]],
  releaseSessionOptions: [100, "void", ["void *"]],
  addSessionConfigEntry: [130, "void *", ["void *", "str", "str"]],
} as const;

/** Indices in the same table of the functions that the engine's machine code calls (`jit/`). */
export const contextFunctions = { getTensorData: 51, getInput: 90, getOutput: 91, parallelFor: 274 } as const;

/** Arguments of a native function: addresses, integers, text, and arrays passed by pointer. */
export type Argument = Pointer | number | string | ArrayBufferView | null;

/** A native function; its result depends on its row in the table. */
export type NativeFunction = (...values: Argument[]) => unknown;

/** The runtime's functions by name. */
export type NativeRuntime = Readonly<Record<keyof typeof table, NativeFunction>> & {
  /** Keeps the library loaded: it is unloaded when unreferenced. */
  readonly library: unknown;
  /** Address of an entry of the API table. */
  readonly address: (place: number) => Pointer;
};

/**
 * Loads the library and looks up its functions.
 *
 * @throws {Error} if there is no library for this platform, or it has another API version
 */
export function loadRuntime(): NativeRuntime {
  const library = koffi.load(runtimeLibrary());
  const base = library.func("OrtGetApiBase", "void *", [])() as Pointer;
  const getApi = koffi.decode(base, "void *") as Pointer;
  const api = koffi.call(getApi, koffi.proto("void *", ["uint32_t"]), apiVersion) as Pointer | null;
  if (!api) throw new Error(`onnxruntime has no interface of version ${apiVersion}`);
  const address = (place: number): Pointer =>
    koffi.decode(api, place * koffi.sizeof("void *"), "void *") as Pointer;
  const functions = Object.entries(table).map(([name, [place, result, values]]) => {
    const type = koffi.proto(result, [...values]);
    const at = address(place);
    return [name, (...given: Argument[]): unknown => koffi.call(at, type, ...given)];
  });
  return {
    ...(Object.fromEntries(functions) as Record<keyof typeof table, NativeFunction>),
    library,
    address,
  };
}

/** A function of the system's C library. */
export function systemFunction(name: string, result: string, values: readonly string[]): NativeFunction {
  return koffi.load(null).func(name, result, [...values]) as NativeFunction;
}

/** Calls machine code without arguments and returns `rax`. */
export function callCode(at: Pointer): number {
  return koffi.call(at, koffi.proto("int64_t", [])) as number;
}

/** A function that native code calls on this thread; it stays until the process ends. */
export function callback(
  result: string,
  values: readonly string[],
  work: (...given: Pointer[]) => Pointer | number | null,
): Pointer {
  return koffi.register(work, koffi.pointer(koffi.proto(result, [...values]))) as unknown as Pointer;
}

/** A view of the float32 numbers at an address; valid while the memory is. */
export function floatsAt(at: Pointer, count: number): Float32Array {
  return new Float32Array(koffi.view(at, 4 * count));
}

/** A view of the 64-bit integers at an address; valid while the memory is. */
export function integersAt(at: Pointer, count: number): BigInt64Array {
  return new BigInt64Array(koffi.view(at, 8 * count));
}

/** Stores an address at another address. */
export function storePointer(at: Pointer, value: Pointer): void {
  koffi.encode(at, "void *", value);
}

/** Address of an array's data; valid while the array is referenced. */
export function addressOf(data: ArrayBufferView): Pointer {
  return koffi.address(data);
}
