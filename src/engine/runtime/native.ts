/**
 * @file The runtime in this process, started when first needed: one environment for all sessions.
 *
 * Each session keeps a pool of memory of its own. One pool for all was tried: a step took 5 to 10 % longer and 10 %
 * more memory, since pieces of many sizes break the pool up.
 */
import { problem } from "../../problem/index.ts";
import { type Argument, addressOf, loadRuntime, type NativeRuntime, type Pointer } from "./native-library.ts";

/** Functions that give back a status. */
type Checked = Exclude<
  keyof NativeRuntime,
  | "library"
  | "getErrorMessage"
  | "releaseStatus"
  | "releaseSession"
  | "releaseValue"
  | "releaseSessionOptions"
>;

const [onlyErrors, arenaOfDevice, defaultMemory] = [3, 0, 0];

let started: Native | null = null;

/**
 * The runtime; the first call loads it.
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
  /** Says that memory lies in ordinary memory. */
  readonly memory: Pointer;
  private readonly result = new BigUint64Array(1);

  constructor(functions: NativeRuntime) {
    this.functions = functions;
    this.environment = this.make("createEnvironment", onlyErrors, "tunewise");
    this.memory = this.make("createCpuMemoryInfo", arenaOfDevice, defaultMemory);
  }

  /** Calls a function that gives back a status. */
  call(name: Checked, ...values: Argument[]): void {
    const status = this.functions[name](...values) as Pointer | null;
    if (!status) return;
    const message = this.functions.getErrorMessage(status) as string;
    this.functions.releaseStatus(status);
    throw new Error(message);
  }

  /** Calls a function whose last argument is where it puts what it made. */
  make(name: Checked, ...values: Argument[]): Pointer {
    this.call(name, ...values, this.result);
    return this.result[0] as Pointer;
  }
}

/**
 * The runtime's own failures, most often for lack of memory, in the words of the catalog.
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

/** Text as C reads it. */
export function cText(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** Addresses of arrays; valid while these are held. */
export function pointers(arrays: readonly ArrayBufferView[]): BigUint64Array {
  return BigUint64Array.from(arrays, addressOf);
}
