/** @file Describes errors of the operating system: which call failed, on which path, and what to do about it. */
import { problemCatalog } from "./catalog.ts";
import { TunewiseError } from "./problem.ts";
import { systemEntries } from "./system-problems.ts";

const { problem } = problemCatalog(systemEntries);

/** Catalog code for each system error code. @source errno(3) */
const codes: Readonly<Record<string, keyof typeof systemEntries>> = {
  EACCES: "FILE_ACCESS_DENIED",
  EPERM: "FILE_ACCESS_DENIED",
  ENOENT: "FILE_NOT_FOUND",
  EISDIR: "FILE_WRONG_KIND",
  ENOTDIR: "FILE_WRONG_KIND",
  ELOOP: "FILE_WRONG_KIND",
  ENXIO: "FILE_WRONG_KIND",
  NOT_REGULAR_FILE: "FILE_WRONG_KIND",
  ENAMETOOLONG: "FILE_NAME_REFUSED",
  EILSEQ: "FILE_NAME_REFUSED",
  EEXIST: "FILE_EXISTS",
  ENOTEMPTY: "FILE_EXISTS",
  FILE_TOO_LARGE: "FILE_TOO_LARGE",
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EFBIG: "DISK_FULL",
  EROFS: "DISK_READ_ONLY",
  EMFILE: "FILES_TOO_MANY_OPEN",
  ENFILE: "FILES_TOO_MANY_OPEN",
};

/** System calls as verbs in messages. */
const doings: Readonly<Record<string, string>> = {
  open: "open",
  read: "read",
  scandir: "list",
  opendir: "list",
  stat: "inspect",
  lstat: "inspect",
  fstat: "inspect",
  access: "inspect",
  realpath: "inspect",
  mkdir: "create",
  mkdtemp: "create a folder for",
  write: "write",
  fsync: "write",
  ftruncate: "write",
  copyfile: "write",
  rename: "rename",
  link: "write",
  symlink: "write",
  unlink: "remove",
  rmdir: "remove",
  rm: "remove",
  chmod: "change",
  spawn: "start",
  listen: "listen on",
  bind: "listen on",
  connect: "connect to",
};

interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly dest?: string;
  readonly address?: string;
  readonly port?: number;
  readonly bytes?: number;
  readonly limitBytes?: number;
}

/**
 * Converts a system error, or an error caused by one, to a problem of the catalog. Other errors are returned unchanged.
 *
 * Codes: `FILE_ACCESS_DENIED`, `FILE_NOT_FOUND`, `FILE_WRONG_KIND`, `FILE_NAME_REFUSED`, `FILE_EXISTS`,
 * `FILE_TOO_LARGE`, `DISK_FULL`, `DISK_READ_ONLY`, `FILES_TOO_MANY_OPEN`, `SYSTEM_CALL_FAILED`.
 */
export function wordSystemError(error: unknown): unknown {
  if (TunewiseError.is(error)) return error;
  const found = systemErrorIn(error);
  if (found === null) return error;
  const path = found.dest ?? found.path ?? addressOf(found) ?? "its target";
  const doing = doings[(found.syscall ?? "").split(" ")[0] ?? ""] ?? found.syscall ?? "read";
  const { bytes = 0, limitBytes = 0 } = found;
  const params = { path, folder: folderOf(path), doing, reason: reasonOf(found), bytes, limitBytes };
  return problem(codes[found.code] ?? "SYSTEM_CALL_FAILED", params, { cause: found });
}

/** The error itself or the first of its causes that is a system error. */
function systemErrorIn(error: unknown): SystemError | null {
  let one = error;
  for (let depth = 0; one instanceof Error && depth < 8; depth++) {
    const { code, syscall } = one as { code?: unknown; syscall?: unknown };
    const isOwn = code === "NOT_REGULAR_FILE" || code === "FILE_TOO_LARGE";
    if (typeof code === "string" && (isOwn || (typeof syscall === "string" && /^E[A-Z0-9]+$/.test(code))))
      return one as SystemError;
    one = one.cause;
  }
  return null;
}

function addressOf({ address, port }: SystemError): string | null {
  if (address === undefined) return null;
  return port === undefined || port < 0 ? address : `${address}:${port}`;
}

function folderOf(path: string): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return cut < 0 ? "." : path.slice(0, Math.max(1, cut));
}

/**
 * `EACCES: permission denied`. The call and path that follow in Node's message are dropped: tunewise's message contains
 * them.
 */
function reasonOf({ code, message, syscall }: SystemError): string {
  const cut = syscall === undefined ? -1 : message.indexOf(`, ${syscall}`);
  const text = cut < 0 ? message : message.slice(0, cut);
  return text.startsWith("E") || !code.startsWith("E") ? text : `${code}: ${text}`;
}
