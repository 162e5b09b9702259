/** @file Finds pickles in any kind of file, and their imports, without unpickling them. */
import { findZipEnd } from "@tunewise/core/format";
import { Collected, type PickleReport } from "./report.ts";
import { beginsAsPickle, walkPickle } from "./walk-pickle.ts";
import { type Member, zipMembers } from "./zip-members.ts";

/** Maximum depth of nested archives. */
const deepest = 3;

/** Magic numbers of compression formats that are not opened here. */
const packings: readonly (readonly [string, readonly number[]])[] = [
  ["7z", [0x37, 0x7a, 0xbc, 0xaf]],
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstandard", [0x28, 0xb5, 0x2f, 0xfd]],
  ["rar", [0x52, 0x61, 0x72, 0x21]],
];

/** File extensions of pickles, whatever the first bytes. */
const pickleName = /\.(?:pkl|pickle|joblib)$|(?:^|\/)(?:pickle|tensors|storages|sys_info)$/i;
const weightsName = /\.(?:pt|pth|bin|ckpt)$/i;

/**
 * Scans a file: a pickle, several in a row (old torch files), a zip or tar of them, or an array of objects.
 *
 * Nothing is executed or thrown. Anything damaged, encrypted, described twice or compressed unusually is a fault.
 *
 * @param bytes the complete file
 * @param name its name, for the report and its extension
 */
export function scanPickle(bytes: Uint8Array, name: string): PickleReport {
  const collected = new Collected();
  scan({ name: "", bytes }, name, collected, 0);
  const { pickles, imports, unsafe, faults } = collected;
  return { file: name, pickles, imports, unsafe, faults };
}

function scan({ name, bytes }: Member, promised: string, collected: Collected, depth: number): void {
  if (depth > deepest) {
    collected.fault("an archive in too many archives", 0, name);
    return;
  }
  const packing = packings.find(([, first]) => first.every((byte, index) => bytes[index] === byte));
  if (packing !== undefined) {
    collected.fault(`packed as ${packing[0]}, which is not opened`, 0, name);
    return;
  }
  if (isTar(bytes)) {
    scanTar(name, bytes, collected, depth);
    return;
  }
  if (hasText(bytes, 0, "\x93NUMPY")) {
    scanArray(name, bytes, collected);
    return;
  }
  const startsZip = hasText(bytes, 0, "PK\x03\x04");
  if (startsZip || findZipEnd(bytes) >= 0) {
    for (const member of zipMembers(bytes, name, collected)) scan(member, member.name, collected, depth + 1);
    if (startsZip) return;
  }
  const isPromised =
    pickleName.test(promised) || (weightsName.test(promised) && depth === 0 && !isOther(bytes));
  if (isPromised || beginsAsPickle(bytes)) scanStreams(name, bytes, collected, !isPromised);
}

/** Scans consecutive pickles. Old torch files have five, followed by raw numbers. */
function scanStreams(name: string, bytes: Uint8Array, collected: Collected, isGuess: boolean): void {
  let at = walkPickle(bytes, 0, name, collected, isGuess);
  while (at !== null && at < bytes.length && beginsAsPickle(bytes, at)) {
    at = walkPickle(bytes, at, name, collected, true);
  }
}

/** Formats without code that share an extension with pickles: GGUF, safetensors, HDF5. */
function isOther(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, "GGUF") || hasText(bytes, 0, "\x89HDF") || hasText(bytes, 8, "{");
}

/** A NumPy array file: the header is followed by a pickle if the elements are objects. */
function scanArray(name: string, bytes: Uint8Array, collected: Collected): void {
  const wide = (bytes[6] ?? 1) > 1;
  const size =
    (bytes[8] ?? 0) +
    256 * (bytes[9] ?? 0) +
    (wide ? 65_536 * ((bytes[10] ?? 0) + 256 * (bytes[11] ?? 0)) : 0);
  const start = wide ? 12 : 10;
  const header = new TextDecoder("latin1").decode(
    bytes.subarray(start, Math.min(start + size, start + 65_536)),
  );
  if (start + size > bytes.length) {
    collected.fault("the header of an array is cut off", 8, name);
    return;
  }
  // An O among the element types denotes objects. Field names are quoted separately and may contain an O as well.
  const kinds = /'descr':\s{0,8}(.{0,60000}?)'fortran_order'/s.exec(header)?.[1] ?? "O";
  if (kinds.includes("O") && start + size < bytes.length)
    walkPickle(bytes, start + size, name, collected, false);
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && hasText(bytes, 257, "ustar");
}

function scanTar(name: string, bytes: Uint8Array, collected: Collected, depth: number): void {
  const text = new TextDecoder("latin1");
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const field = (from: number, count: number): string =>
      text
        .decode(bytes.subarray(at + from, at + from + count))
        .split("\0")[0]
        ?.trim() ?? "";
    const size = Number.parseInt(field(124, 12), 8);
    const member = name === "" ? field(0, 100) : `${name}/${field(0, 100)}`;
    if (!(size >= 0) || at + 512 + size > bytes.length) {
      collected.fault("a tar file whose member is cut off or has no size", at, member);
      return;
    }
    scan({ name: member, bytes: bytes.subarray(at + 512, at + 512 + size) }, member, collected, depth + 1);
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}
