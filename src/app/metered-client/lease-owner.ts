/** @file Owner of a lease in the store: identifies this process so that others can check whether it is alive. */
import { isAlive, type ProcessTable } from "../../track/index.ts";

/** A process that has opened the store. */
export interface LeaseOwner {
  readonly text: string;
}

/**
 * Returns the lease owner for this process.
 *
 * @param token random text, since a process may open a store twice
 */
export async function leaseOwnerOf(processes: ProcessTable, token: string): Promise<LeaseOwner> {
  const { pid, host } = processes;
  const start = (await processes.startOf(pid)) ?? "unknown";
  return { text: JSON.stringify({ host, pid, start, token }) };
}

/** Whether an owner is known to be dead. One on another machine never is; its leases expire. */
export async function isDead(text: string, processes: ProcessTable): Promise<boolean> {
  try {
    const { host, pid, start } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof start !== "string") return false;
    return !(await isAlive({ host, pid, start }, processes));
  } catch {
    return false;
  }
}
