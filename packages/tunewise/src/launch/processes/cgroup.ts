/**
 * @file A control group for one run, if this user may create one. A process cannot leave it by forking, by a new
 * session or by a changed environment, and the kernel kills the whole group at once.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The control group of a run. */
export interface RunCgroup {
  /** Ids of its processes, including those in subgroups, without zombies. */
  members(): Set<number>;
  /** Whether it or a subgroup contains a live process. */
  isPopulated(): boolean;
  /** Freezes every process in it, or lets them continue. */
  freeze(hold: boolean): void;
  /** Kills every process in it in one step; returns `false` if the kernel is too old. */
  kill(): boolean;
  /** Removes the empty group. */
  remove(): void;
}

/** Max. groups that are searched, including subgroups that the command created. */
const maxGroups = 1_000;

/**
 * Creates the group of a run below the group of this process.
 *
 * @returns its path, or `null` if the system has no cgroup v2 or this user may not create a group
 * @source Linux Documentation/admin-guide/cgroup-v2.rst, "Delegation" and "Core Interface Files"
 */
export function createCgroup(runId: string): string | null {
  const own = ownCgroup();
  if (own === null) return null;
  const path = join(own, groupName(runId));
  try {
    makeOnce(path);
    // A group that accepts no processes, such as one in threaded mode, is useless.
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
 * Opens the group at a recorded path; `null` if it is not the group of this run, so that a forged meter cannot kill
 * other processes.
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

/** Creates a group unless it exists: a supervisor that was lost before it wrote its meter may have created it. */
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
      // 0 is a process of another namespace, which has no id here.
      if (/^[1-9]\d*$/.test(line)) members.add(Number(line));
    }
  }
  return members;
}

/** The group and its subgroups, parents first. */
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
    // It still contains processes, or it is gone.
  }
}

/** Path of this process's own group in cgroup v2. */
function ownCgroup(): string | null {
  const mount = cgroupMount();
  const own = /^0::(\/.*)$/m.exec(textOf("/proc/self/cgroup"))?.[1];
  if (mount === null || own === undefined || own.startsWith("/..")) return null;
  const { root, point } = mount;
  if (root === "/") return join(point, own);
  return own === root || own.startsWith(`${root}/`) ? join(point, own.slice(root.length)) : null;
}

/** @source proc(5), /proc/pid/mountinfo: fields 4 root and 5 mount point, the type after ` - ` */
function cgroupMount(): { readonly root: string; readonly point: string } | null {
  for (const line of textOf("/proc/self/mountinfo").split("\n")) {
    const [before = "", behind = ""] = line.split(" - ");
    if (!behind.startsWith("cgroup2 ")) continue;
    const [, , , root, point] = before.split(" ");
    if (root !== undefined && point !== undefined) return { root: unescaped(root), point: unescaped(point) };
  }
  return null;
}

/** Decodes octal escapes in mount points, such as `\040` for a space. */
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
