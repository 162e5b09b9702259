/** @file Every process of this machine that this user may see. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A process as it stands now. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Of its program, cut by the system; empty where it is not told. */
  readonly name: string;
  /** As `Machine.startOf` gives it. */
  readonly start: string;
  /** Has ended and waits for its parent to notice. */
  readonly isZombie: boolean;
  /** Carries the run's mark in its environment. */
  readonly isMarked: boolean;
}

/** Most bytes of `ps` output. */
const maxListBytes = 1 << 26;

/**
 * Lists processes; only Linux shows environments, elsewhere nobody is marked.
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
 * @source proc(5): fields 3 state, 4 ppid, 5 pgrp, 22 starttime; the name in field 2 may hold spaces and brackets, so
 * count behind it
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

/** Processes come and go while they are read, and those of others hide their environment. */
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

/** Lines such as `  501     1   501 Ss   Wed Nov 25 09:00:00 2026`. */
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
