/**
 * @file Who holds a claim in a store: this process, in words that another process can ask the machine about.
 */
import { isAlive, type ProcessTable } from "../../track/index.ts";

/** One opening of a store by one process. */
export interface LeaseOwner {
  readonly text: string;
}

/**
 * The holder that this process is.
 *
 * @param token random text: a process may open a store twice
 */
export async function leaseOwnerOf(processes: ProcessTable, token: string): Promise<LeaseOwner> {
  const { pid, host } = processes;
  const start = (await processes.startOf(pid)) ?? "unknown";
  return { text: JSON.stringify({ host, pid, start, token }) };
}

/** Whether a holder is surely dead; one of another machine never is, and its claims end by their time. */
export async function isDead(text: string, processes: ProcessTable): Promise<boolean> {
  try {
    const { host, pid, start } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof start !== "string") return false;
    return !(await isAlive({ host, pid, start }, processes));
  } catch {
    return false;
  }
}
