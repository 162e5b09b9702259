/**
 * @file Starts the command of a run in its own process group, under a short shell script that outlives every
 * supervisor. The script lets only one start succeed, and records the exit code.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The shell waits for the command and is not ended by the command's signals; the command itself handles them as usual.
 * A second start finds the claim folder and exits. Space for the exit code is allocated before the command starts, so
 * that it can be written even if the disk becomes full. If that fails, nothing is started.
 */
const script = `claim=$1
door=$2
shift 2
[ -z "$door" ] || echo 0 2>/dev/null >"$door"
mkdir "$claim" 2>/dev/null || exit 75
[ -r /proc/self/stat ] || ps -o lstart= -p $$ > "$claim/start"
echo "-         " > "$claim/exit" || exit 74
echo $$ > "$claim/pid.new" && mv "$claim/pid.new" "$claim/pid" || exit 74
trap : HUP INT QUIT TERM
"$@"
code=$?
echo "$code         " 1<> "$claim/exit"
exit $code`;

function claimFolder(folder: string): string {
  return join(folder, "claim");
}

/**
 * Starts the command. It inherits the streams of this process, so that it continues without us.
 *
 * @param folder absolute path of the run's folder
 * @param joinFile the file through which it joins its control group; `null` for none
 */
export function startCommand(
  folder: string,
  joinFile: string | null,
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  return spawn("/bin/sh", ["-c", script, "tunewise", claimFolder(folder), joinFile ?? "", ...command], {
    detached: true,
    stdio: "inherit",
    env: environment,
  });
}

/** The shell that started the command, with its start time if /proc is missing; `null` before the start. */
export function readClaim(folder: string): { readonly pid: number; readonly start: string | null } | null {
  const pid = numberIn(join(claimFolder(folder), "pid"));
  return pid === null ? null : { pid, start: textIn(join(claimFolder(folder), "start")) };
}

/** The command's recorded exit code (128 plus the signal's number after a signal); `null` if there is none. */
export function commandExit(folder: string): { readonly code: number; readonly atMs: number } | null {
  const path = join(claimFolder(folder), "exit");
  const code = numberIn(path);
  return code === null ? null : { code, atMs: statSync(path).mtimeMs };
}

function numberIn(path: string): number | null {
  const text = textIn(path) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
