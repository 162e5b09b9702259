/**
 * @file The runtime of this process, started on first use: one environment for all sessions.
 *
 * Each session has its own memory arena. A shared arena made steps 5 to 10 % slower and took 10 % more memory, because
 * allocations of many sizes fragment it.
 */
import { problem } from "../problem/index.ts";
import { type Argument, addressOf, loadRuntime, type NativeRuntime, type Pointer } from "./library.ts";

/** Functions that return a status. */
type Checked = Exclude<
  keyof NativeRuntime,
  | "library"
  | "address"
  | "getErrorMessage"
  | "releaseStatus"
  | "releaseSession"
  | "releaseValue"
  | "releaseSessionOptions"
>;

const [onlyErrors, arenaOfDevice, defaultMemory] = [3, 0, 0];

let started: Native | null = null;

/**
 * Returns the runtime; the first call loads it.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function native(): Native {
  started ??= guarded(() => new Native(loadRuntime()));
  return started;
}

/** A loaded runtime. */
export class Native {
  readonly functions: NativeRuntime;
  readonly environment: Pointer;
  /** Memory info that describes CPU memory. */
  readonly memory: Pointer;
  private readonly result = new BigUint64Array(1);

  constructor(functions: NativeRuntime) {
    this.functions = functions;
    this.environment = this.make("createEnvironment", onlyErrors, "tunewise");
    this.memory = this.make("createCpuMemoryInfo", arenaOfDevice, defaultMemory);
  }

  /** Calls a function that returns a status. */
  call(name: Checked, ...values: Argument[]): void {
    const status = this.functions[name](...values) as Pointer | null;
    if (!status) return;
    const message = this.functions.getErrorMessage(status) as string;
    this.functions.releaseStatus(status);
    throw new Error(message);
  }

  /** Calls a function whose last argument is an output pointer, and returns what it points to. */
  make(name: Checked, ...values: Argument[]): Pointer {
    this.call(name, ...values, this.result);
    return this.result[0] as Pointer;
  }
}

/**
 * Converts failures of the runtime, most often out of memory, to errors of the catalog.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.slice(0, 500) : "unknown";
    throw problem("ENGINE_RUNTIME_FAILED", { detail }, { cause });
  }
}

/** A null-terminated C string. */
export function cText(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** Addresses of arrays; valid while the arrays are referenced. */
export function pointers(arrays: readonly ArrayBufferView[]): BigUint64Array {
  return BigUint64Array.from(arrays, addressOf);
}
