/**
 * @file Which keys a client may name.
 */

/** Longest key, in bytes of UTF-8. @source POSIX: PATH_MAX is at least 256, 4096 on Linux; a root comes before it */
const keyBytesMost = 2048;
/** Longest part of a key. @source NAME_MAX of common file systems */
const partBytesMost = 255;

/**
 * The key of a path that a client names, or `null` where it may not be named: absolute, leading upwards, with an empty
 * part, a backslash, a control letter, a drive, or marks that other programs read as a part of an address. The path is
 * decoded once before it comes here, and not again.
 *
 * @source the negative tests of MLflow's CVE-2023-6831, -6909, -6977, CVE-2024-1483, -2928, -3848
 */
export function artifactKey(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control letters are what is looked for
  if (/[\u0000-\u001f\u007f\\#?%:*"<>|]/.test(path) || path.startsWith("/")) return null;
  if (Buffer.byteLength(path) > keyBytesMost) return null;
  const parts = path.split("/");
  const isPlain = (part: string): boolean =>
    part !== "" &&
    part !== "." &&
    part !== ".." &&
    Buffer.byteLength(part) <= partBytesMost &&
    part.trim() === part;
  return parts.every(isPlain) ? parts.join("/") : null;
}
