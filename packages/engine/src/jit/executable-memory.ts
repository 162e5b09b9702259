/** @file Memory for machine code: written first, then made executable, never both at once. */
import { type Pointer, systemFunction } from "../native/library.ts";

const [read, write, execute] = [1, 2, 4];
const [isPrivate, isAnonymous] = [2, 0x20];
const pageBytes = 4096;
/** `mmap` fails with -1. */
const failed = 0xffff_ffff_ffff_ffffn;

/**
 * Copies code into executable memory, which stays allocated until the process ends.
 *
 * @returns the address, or `null` if the system does not allow executable memory
 */
export function executable(code: Uint8Array): Pointer | null {
  const map = systemFunction("mmap", "void *", ["void *", "size_t", "int", "int", "int", "int64_t"]);
  const protect = systemFunction("mprotect", "int", ["void *", "size_t", "int"]);
  const copy = systemFunction("memcpy", "void *", ["void *", "void *", "size_t"]);
  const bytes = Math.ceil(code.length / pageBytes) * pageBytes;
  const at = map(null, bytes, read | write, isPrivate | isAnonymous, -1, 0) as Pointer | null;
  if (at === null || BigInt.asUintN(64, at) === failed) return null;
  copy(at, code, code.length);
  return protect(at, bytes, read | execute) === 0 ? at : null;
}
