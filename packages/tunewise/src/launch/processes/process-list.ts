/** @file Lists every process of this machine that this user may see. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/** The current state of a process. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Name of its program, truncated by the system; empty if not available. */
  readonly name: string;
  /** In the format of `Machine.startOf`. */
  readonly start: string;
  /** Has ended, but its parent has not reaped it. */
  readonly isZombie: boolean;
  /** Has the run's mark in its environment. */
  readonly isMarked: boolean;
}

/** Max. bytes of `ps` output. */
const maxListBytes = 1 << 26;

/**
 * Lists processes. Only Linux exposes environments; on other systems no process is marked.
 *
 * @param mark `NAME=value`
 */
export async function listProcesses(platform: string, mark: string): Promise<ProcessRow[]> {
  return platform === "linux" ? fromProc(mark) : fromPs(await readPs());
}

function fromProc(mark: string): ProcessRow[] {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const rows: ProcessRow[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readQuietly(`/proc/${name}/stat`);
    const row = stat === null ? null : statRow(stat, boot);
    if (row === null) continue;
    const environment = row.isZombie ? null : readQuietly(`/proc/${name}/environ`);
    rows.push({ ...row, isMarked: environment?.split("\0").includes(mark) ?? false });
  }
  return rows;
}

/**
 * @source proc(5): fields 3 state, 4 ppid, 5 pgrp, 22 starttime; the name in field 2 may contain spaces and
 * parentheses, so fields are counted after it
 */
function statRow(stat: string, boot: string): ProcessRow | null {
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const start = fields[19];
  if (!Number.isInteger(pid) || parent === undefined || group === undefined || start === undefined)
    return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
    start: `${boot}/${start}`,
    isZombie: state === "Z" || state === "X",
    isMarked: false,
  };
}

/** Returns `null` on errors: processes may end while they are read, and other users' environments are hidden. */
function readQuietly(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

async function readPs(): Promise<string> {
  const words = ["-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="];
  const { stdout } = await promisify(execFile)("ps", words, { maxBuffer: maxListBytes });
  return stdout;
}

/** Parses lines such as `  501     1   501 Ss   Wed Nov 25 09:00:00 2026`. */
export function fromPs(text: string): ProcessRow[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line);
    if (!found) return [];
    const [, pid, parent, group, state, start] = found;
    const isZombie = state?.startsWith("Z") ?? false;
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        name: "",
        start: start ?? "",
        isZombie,
        isMarked: false,
      },
    ];
  });
}
