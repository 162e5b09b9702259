/**
 * @file Starts the command of a run at the head of a process group of its own, under a few lines of shell that
 * outlive every supervisor: they let one start win, and they keep the exit code.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The shell waits for the command and is not ended by its signals; the command itself gets them with their usual
 * meaning. A second start finds the folder and leaves. Room for the exit code is taken before the command starts, so
 * that it finds a place on a disk that has become full; where that cannot be had, nothing is started.
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
 * Starts the command. It writes to the streams of this process itself, so that it needs none of us to go on.
 *
 * @param folder of the run, from the root
 * @param joinFile the file through which it joins its control group; `null`: it has none
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

/** The process that has started the command, or `null` before one has; its start, where no mark can tell it. */
export function readClaim(folder: string): { readonly pid: number; readonly start: string | null } | null {
  const pid = numberIn(join(claimFolder(folder), "pid"));
  return pid === null ? null : { pid, start: textIn(join(claimFolder(folder), "start")) };
}

/** How the command ended, where it has ended by itself: its exit code, 128 and the signal's number for a signal. */
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
