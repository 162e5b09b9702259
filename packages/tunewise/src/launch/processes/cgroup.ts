/**
 * @file A control group for one run, where this user may make one: no process leaves it by forking, by a session of its
 * own or by a changed environment, and the kernel ends all of it at once.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The control group of a run. */
export interface RunCgroup {
  /** Numbers of its processes, those in groups below it included; zombies are none of them. */
  members(): Set<number>;
  /** Whether a process lives in it or below it. */
  isPopulated(): boolean;
  /** Holds every process in it, or lets it go on. */
  freeze(hold: boolean): void;
  /** Ends every process in it in one step; `false` where the kernel is too old for that. */
  kill(): boolean;
  /** Takes the empty group away. */
  remove(): void;
}

/** Groups below the run's that are looked into: a command may make some of its own. */
const maxGroups = 1_000;

/**
 * Makes the group of a run below the group that this process is in.
 *
 * @returns its path, or `null` where the system has no version 2 of control groups or this user may not make one
 * @source Linux Documentation/admin-guide/cgroup-v2.rst, "Delegation" and "Core Interface Files"
 */
export function createCgroup(runId: string): string | null {
  const own = ownCgroup();
  if (own === null) return null;
  const path = join(own, groupName(runId));
  try {
    makeOnce(path);
    // A group that takes no processes, as one in threaded mode, is of no use.
    if (readFileSync(join(path, "cgroup.type"), "utf8").trim() === "domain") return path;
    rmdirSync(path);
    return null;
  } catch {
    return null;
  }
}

/** The file through which a process joins a group. */
export function cgroupJoinFile(path: string): string {
  return join(path, "cgroup.procs");
}

/**
 * The group at a path that was written down; `null` where it is not the one of this run, so that a meter that somebody
 * wrote ends nobody else's processes.
 */
export function openCgroup(path: string, runId: string): RunCgroup | null {
  const mount = cgroupMount();
  if (mount === null || basename(path) !== groupName(runId) || !dirname(path).startsWith(mount.point)) {
    return null;
  }
  const write = (name: string, text: string): boolean => {
    try {
      writeFileSync(join(path, name), text);
      return true;
    } catch {
      return false;
    }
  };
  return {
    members: () => membersOf(path),
    isPopulated: () => /^populated 1$/m.test(textOf(join(path, "cgroup.events"))),
    freeze: (hold) => void write("cgroup.freeze", hold ? "1" : "0"),
    kill: () => textOf(join(path, "cgroup.events")) !== "" && write("cgroup.kill", "1"),
    remove: () => {
      for (const group of groupsIn(path).reverse()) removeQuietly(group);
    },
  };
}

/** A supervisor that was lost before it wrote its meter may have made it. */
function makeOnce(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function groupName(runId: string): string {
  return `tunewise-${runId}`;
}

function membersOf(path: string): Set<number> {
  const members = new Set<number>();
  for (const group of groupsIn(path)) {
    for (const line of textOf(cgroupJoinFile(group)).split("\n")) {
      // 0 stands for a process of another namespace, which cannot be named from here.
      if (/^[1-9]\d*$/.test(line)) members.add(Number(line));
    }
  }
  return members;
}

/** The group and those below it, each before what it holds. */
function groupsIn(path: string): string[] {
  const found = [path];
  for (let at = 0; at < found.length && found.length < maxGroups; at++) {
    const group = found[at] ?? "";
    for (const entry of entriesOf(group)) if (entry.isDirectory()) found.push(join(group, entry.name));
  }
  return found;
}

function entriesOf(path: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

function removeQuietly(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody is still in it, or it is gone.
  }
}

/** Where this process stands in version 2 of control groups. */
function ownCgroup(): string | null {
  const mount = cgroupMount();
  const own = /^0::(\/.*)$/m.exec(textOf("/proc/self/cgroup"))?.[1];
  if (mount === null || own === undefined || own.startsWith("/..")) return null;
  const { root, point } = mount;
  if (root === "/") return join(point, own);
  return own === root || own.startsWith(`${root}/`) ? join(point, own.slice(root.length)) : null;
}

/** @source proc(5), /proc/pid/mountinfo: fields 4 root and 5 mount point, the type behind ` - ` */
function cgroupMount(): { readonly root: string; readonly point: string } | null {
  for (const line of textOf("/proc/self/mountinfo").split("\n")) {
    const [before = "", behind = ""] = line.split(" - ");
    if (!behind.startsWith("cgroup2 ")) continue;
    const [, , , root, point] = before.split(" ");
    if (root !== undefined && point !== undefined) return { root: unescaped(root), point: unescaped(point) };
  }
  return null;
}

/** Spaces in mount points are written `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
