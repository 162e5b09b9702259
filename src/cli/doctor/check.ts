/** @file One answer of `doctor`, and what its checks may look at. */

/** How a check came out. `warn` does not keep a run from starting, `fail` does. */
export type Health = "ok" | "warn" | "fail";

/** A thing looked at, what was seen, and what to do unless all is well. */
export interface Check {
  readonly name: string;
  readonly health: Health;
  /** What was seen, with its numbers. */
  readonly detail: string;
  /** One thing to do; `null` for `ok`. */
  readonly fix: string | null;
}

/** The machine as far as doctor looks at it; a test hands over its own. */
export interface Surroundings {
  readonly nodeVersion: string;
  /** `linux`, `darwin`, `win32` ... and `x64`, `arm64` ... */
  readonly platform: string;
  readonly architecture: string;
  readonly cores: number;
  /** Programs that want a processor, on average over the last minute; `null`: the system does not say. */
  readonly load: number | null;
  readonly memoryBytesTotal: number;
  readonly memoryBytesFree: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a package can be imported: `null`, or the reason why not. */
  whyNotImport(name: string): Promise<string | null>;
  /** Days since prices were fetched; `null`: never. */
  readonly priceAgeDays: number | null;
  /** Whether an NVIDIA device is there. */
  hasNvidiaDevice(): boolean;
  /** Free bytes of the disk that holds a folder, also one that is still to be made; `null` where unknown. */
  diskBytesFree(folder: string): number | null;
  /** Whether a folder, or the nearest one above that exists, may be written to. */
  canWrite(folder: string): boolean;
  /** Size of a readable file in bytes; `null` where there is none or it cannot be read. */
  fileBytes(path: string): number | null;
  /** The text of a file of at most `limit` bytes; `null` where it is larger or cannot be read. */
  readText(path: string, limit: number): string | null;
}

/** A check that is well. */
export function ok(name: string, detail: string): Check {
  return { name, health: "ok", detail, fix: null };
}

/** A check that asks for a look. */
export function warn(name: string, detail: string, fix: string): Check {
  return { name, health: "warn", detail, fix };
}

/** A check that would keep a run from starting. */
export function fail(name: string, detail: string, fix: string): Check {
  return { name, health: "fail", detail, fix };
}
