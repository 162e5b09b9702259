/** @file Catalog entries for the operating system and for optional packages. Data only. */

export const systemEntries = {
  PACKAGE_MISSING: {
    title: "Optional package not installed",
    message: "{purpose} needs the package {package}, which cannot be loaded",
    fix: "npm install {package}",
    exitCode: 1,
    since: "0.1.0",
    docs: "Packages that only some commands need are optional: `npm install --omit=optional` leaves them out. They are looked for where tunewise is installed; with a global installation add --global.",
  },
  FILE_ACCESS_DENIED: {
    title: "Access denied",
    message: "the system does not let you {doing} {path} ({reason})",
    fix: "ls -ld {path}   shows who may; as its owner: chmod u+rwX {path}",
    docs: "The file or folder belongs to somebody else, or its permissions, those of a folder above it, or a security module forbid what the command has to do. Nothing was changed by it.",
  },
  FILE_NOT_FOUND: {
    title: "File not found",
    message: "{path} does not exist ({reason})",
    fix: "ls {folder}   shows what is there; correct the path",
    exitCode: 64,
    docs: "A file or folder that the command needs is not there, or was removed while the command was at work.",
  },
  FILE_WRONG_KIND: {
    title: "Not the kind of file that is needed",
    message: "{path} cannot be used: {reason}",
    fix: "ls -ld {path}   shows what it is; name an ordinary file, or an ordinary folder where one is asked for",
    exitCode: 64,
    docs: "A folder stands where a file is needed or the other way round, links lead in a circle, or a named pipe, a device or a socket stands in a file's place. Those could keep a command waiting for ever, so that only ordinary files are read.",
  },
  FILE_NAME_REFUSED: {
    title: "Name not possible",
    message: "the system does not take the name {path} ({reason})",
    fix: "Use a shorter name without special characters",
    docs: "Most file systems take names of up to 255 bytes and paths of up to 4,096.",
  },
  FILE_EXISTS: {
    title: "Something is in the way",
    message: "{path} exists, so that the command could not {doing} it ({reason})",
    fix: "Move {path} away, or name another place",
    docs: "A file or a folder that is not empty stands where the command wants to put something, and nothing of yours is replaced unasked.",
  },
  FILE_TOO_LARGE: {
    title: "File too large",
    message: "{path} has {bytes} bytes, more than the {limitBytes} that such a file may have",
    fix: "ls -l {path}   shows its size; check that it is the file you mean",
    exitCode: 64,
    docs: "Files that are held in memory as a whole have a largest size, which is far above what is usual.",
  },
  DISK_FULL: {
    title: "Disk full",
    message: "no room is left to {doing} {path} ({reason})",
    fix: "df -h {folder}   shows the room; free some, then run the same command again",
    docs: "The disk or your quota is used up. Files are written under another name first, so that earlier ones are whole.",
  },
  DISK_READ_ONLY: {
    title: "Disk cannot be written",
    message: "{path} lies on a disk that can only be read ({reason})",
    fix: "Name a folder on another disk, for example with -o or `output:` in the recipe",
    docs: "The file system is mounted to be read only, as in containers and on disks with faults.",
  },
  FILES_TOO_MANY_OPEN: {
    title: "Too many open files",
    message: "the system opens no more files for this process ({reason}) at {path}",
    fix: "ulimit -n 4096   in this shell, then run the same command again",
    docs: "Each process may have a number of files and connections open at once, often 1,024 or fewer on macOS.",
  },
  SYSTEM_CALL_FAILED: {
    title: "The system refused a request",
    message: "the system could not {doing} {path} ({reason})",
    fix: "Check the disk, the network and the permissions there, then run the same command again with --debug",
    docs: "An operation of the system failed in a way that has no page of its own here: a broken disk, a lost network drive, a port in use.",
  },
} as const;
