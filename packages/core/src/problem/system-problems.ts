/** @file Catalog entries for the operating system and for optional packages. Data only. */

export const systemEntries = {
  PACKAGE_MISSING: {
    title: "An optional package is not installed",
    message: "{purpose} needs the package {package}, which cannot be loaded",
    fix: "npm install {package}",
    exitCode: 1,
    since: "0.1.0",
    docs: "Packages that only some commands need are optional: `npm install --omit=optional` skips them. tunewise resolves them from its own installation; with a global installation add --global.",
  },
  FILE_ACCESS_DENIED: {
    title: "Access denied",
    message: "the system does not let you {doing} {path} ({reason})",
    fix: "ls -ld {path}   shows its permissions; as its owner: chmod u+rwX {path}",
    docs: "The file or folder belongs to another user, or its permissions, those of a folder above it, or a security module forbid the access. The command did not change the file or folder.",
  },
  FILE_NOT_FOUND: {
    title: "File not found",
    message: "{path} does not exist ({reason})",
    fix: "ls {folder}   lists the folder; correct the path",
    exitCode: 64,
    docs: "A file or folder that the command needs does not exist, or was removed while the command ran.",
  },
  FILE_WRONG_KIND: {
    title: "Wrong kind of file",
    message: "{path} cannot be used: {reason}",
    fix: "ls -ld {path}   shows what it is; name a regular file, or a regular folder if the command expects a folder",
    exitCode: 64,
    docs: "The path is a folder instead of a file or the reverse, its links form a loop, or it is a named pipe, a device or a socket. Those could block a command forever, so tunewise reads only regular files.",
  },
  FILE_NAME_REFUSED: {
    title: "File name not allowed",
    message: "the system does not accept the name {path} ({reason})",
    fix: "Use a shorter name without special characters",
    docs: "Most file systems allow names of up to 255 bytes and paths of up to 4,096.",
  },
  FILE_EXISTS: {
    title: "The target exists",
    message: "{path} exists, so the command could not {doing} it ({reason})",
    fix: "Move {path} away, or use another path",
    docs: "The target of the command is an existing file or a folder that is not empty. tunewise replaces nothing without permission.",
  },
  FILE_TOO_LARGE: {
    title: "File too large",
    message: "{path} has {bytes} bytes; the limit for this kind of file is {limitBytes}",
    fix: "ls -l {path}   shows its size; check that it is the right file",
    exitCode: 64,
    docs: "Files that must fit into memory as a whole have a size limit, far above the usual sizes.",
  },
  DISK_FULL: {
    title: "Disk full",
    message: "no space is left to {doing} {path} ({reason})",
    fix: "df -h {folder}   shows the free space; free some, then run the same command again",
    docs: "The disk or your quota is full. Files are written under a temporary name first, so earlier versions are intact.",
  },
  DISK_READ_ONLY: {
    title: "The disk is read-only",
    message: "{path} is on a read-only disk ({reason})",
    fix: "Name a folder on another disk, for example with -o or `output:` in the recipe",
    docs: "The file system is mounted read-only, as in containers and on faulty disks.",
  },
  FILES_TOO_MANY_OPEN: {
    title: "Too many open files",
    message: "this process has reached the system's limit of open files ({reason}) at {path}",
    fix: "ulimit -n 4096   in this shell, then run the same command again",
    docs: "The system limits how many files and connections a process may have open, often to 1,024, or fewer on macOS.",
  },
  SYSTEM_CALL_FAILED: {
    title: "A system call failed",
    message: "the system could not {doing} {path} ({reason})",
    fix: "Check the disk, the network and the permissions there, then run the same command again with --debug",
    docs: "An operation of the system failed in a way that has no code of its own: a broken disk, a lost network drive, a port in use.",
  },
} as const;
