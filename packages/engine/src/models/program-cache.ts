/** @file A cache of loaded programs that closes the least recently used ones. */
import type { Session } from "../runtime/session.ts";

/** An LRU cache with a capacity in groups of programs; groups are evicted as a unit. */
export class ProgramCache {
  private readonly room: number;
  /** Groups in the order of their last use, the oldest first. */
  private readonly groups = new Map<string, Map<string, Promise<readonly Session[]>>>();

  constructor(room: number) {
    this.room = room;
  }

  /** The programs `name` of a group, created if missing. No program of another group may be running. */
  async get(
    group: string,
    name: string,
    make: () => Promise<readonly Session[]>,
  ): Promise<readonly Session[]> {
    const programs = this.groups.get(group) ?? new Map<string, Promise<readonly Session[]>>();
    this.groups.delete(group);
    this.groups.set(group, programs);
    for (const [oldest, old] of this.groups) {
      if (this.groups.size <= this.room) break;
      this.groups.delete(oldest);
      await closeAll(old);
    }
    const known = programs.get(name);
    if (known) return known;
    const made = make();
    programs.set(name, made);
    return made;
  }

  /** Closes the programs of one group. */
  async drop(group: string): Promise<void> {
    const programs = this.groups.get(group);
    this.groups.delete(group);
    if (programs) await closeAll(programs);
  }

  /** Closes all programs. */
  async clear(): Promise<void> {
    const groups = [...this.groups.values()];
    this.groups.clear();
    for (const programs of groups) await closeAll(programs);
  }
}

async function closeAll(programs: ReadonlyMap<string, Promise<readonly Session[]>>): Promise<void> {
  for (const sessions of programs.values()) {
    for (const session of await sessions) await session.close();
  }
}
