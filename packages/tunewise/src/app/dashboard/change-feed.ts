/**
 * @file Notifies listeners of changed runs. While anyone listens, one loop polls the database every second and reads
 * more only if the revision has changed. This also detects changes by other processes.
 */
import {
  type ChangedRun,
  type Database,
  databaseClock,
  type ProjectsAmong,
  projectsAmong,
  readChangedRuns,
  revisionOf,
} from "@tunewise/tracker";

/** Changes since the previous event. */
export interface ChangeEvent {
  /** Event id, from which a client continues after losing its connection. */
  readonly id: string;
  readonly revision: string;
  /** Ids of changed runs, latest first. Empty in the first event, unless the listener continues from an earlier one. */
  readonly runs: readonly string[];
  /** Whether more runs changed than the event lists. */
  readonly more: boolean;
}

/** A subscriber to the feed. */
export interface Listener {
  /** Name of the listener. Each name may use only a part of the connections. */
  readonly name: string;
  /** Projects the listener may read, checked for each event; `null` means all. */
  readonly readable: () => Promise<ProjectsAmong | null>;
  /** Id of the last event received; `null` if there was none. */
  readonly after: string | null;
  readonly onEvent: (event: ChangeEvent) => void;
}

/** Feed of changed runs. */
export interface ChangeFeed {
  /**
   * Subscribes a listener and sends the first event immediately.
   *
   * @returns a function that unsubscribes; `null` if there are too many listeners
   */
  readonly listen: (listener: Listener) => Promise<(() => void) | null>;
  /** Number of listeners. */
  readonly listeners: () => number;
}

/** Maximum number of runs per event. */
const maxRuns = 500;
/** Maximum number of listeners in total, and per name. */
const maxListeners = { all: 500, each: 20 };
/** Polling interval. */
const pollMs = 1_000;
/**
 * How long a transaction may stay open. Changes are timestamped before their commit, so runs changed within this window
 * are read again on each poll. Each change is reported once.
 */
const overlapMs = 30_000;

/** Creates a change feed for a database. */
export function createChangeFeed(database: Database, everyMs: number = pollMs): ChangeFeed {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | null = null;
  let look: Look | null = null;
  let isBusy = false;
  const poll = async (): Promise<void> => {
    const next = await lookAgain(database, look);
    // nothing was committed, or all listeners have left
    if (next === null || timer === null) return;
    look = next.look;
    if (next.changed.length === 0) return;
    for (const listener of [...listeners]) await tell(database, listener, next.look, next.changed);
  };
  const stop = (): void => {
    if (timer) clearInterval(timer);
    [timer, look] = [null, null];
  };
  const start = (): void => {
    timer ??= setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      // if the database cannot be read, the next poll tries again
      poll()
        .catch(() => undefined)
        .finally(() => {
          isBusy = false;
        });
    }, everyMs);
    timer.unref();
  };
  return {
    listeners: () => listeners.size,
    listen: async (asking) => {
      // a copy, so that a listener that subscribes twice is notified twice
      const listener = { ...asking };
      const own = [...listeners].filter(({ name }) => name === listener.name).length;
      if (listeners.size >= maxListeners.all || own >= maxListeners.each) return null;
      listeners.add(listener);
      const end = (): void => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
      try {
        look ??= (await lookAgain(database, null))?.look ?? null;
        await greet(database, listener);
      } catch (error) {
        end();
        throw error;
      }
      if (listeners.has(listener)) start();
      return end;
    },
  };
}

/** State of the database at the last poll. */
interface Look {
  readonly revision: string;
  readonly ms: number;
  /** Timestamps of changes within the overlap, by run. */
  readonly seen: ReadonlyMap<number, number>;
}

/** Polls the database. Returns `null` if nothing was committed since the last poll. */
async function lookAgain(
  database: Database,
  before: Look | null,
): Promise<{ readonly look: Look; readonly changed: readonly ChangedRun[] } | null> {
  const revision = await revisionOf(database);
  if (revision === before?.revision) return null;
  const ms = await databaseClock(database);
  const since = (before?.ms ?? ms) - overlapMs;
  const runs = await readChangedRuns(database, since, maxRuns + 1);
  const changed = before === null ? [] : runs.filter((run) => before.seen.get(run.number) !== run.changedMs);
  const seen = new Map(runs.map(({ number, changedMs }) => [number, changedMs]));
  return { look: { revision, ms, seen }, changed };
}

/** Sends the first event: the current position, and changes since the last event received. */
async function greet(database: Database, listener: Listener): Promise<void> {
  const revision = await revisionOf(database);
  const ms = await databaseClock(database);
  const after = /^\d{1,15}$/.test(listener.after ?? "") ? Number(listener.after) : null;
  const changed =
    after === null ? [] : await readChangedRuns(database, Math.max(0, after - overlapMs), maxRuns + 1);
  listener.onEvent(await eventFor(database, listener, { revision, ms }, changed));
}

async function tell(
  database: Database,
  listener: Listener,
  look: Pick<Look, "revision" | "ms">,
  changed: readonly ChangedRun[],
): Promise<void> {
  const event = await eventFor(database, listener, look, changed);
  if (event.runs.length > 0 || event.more) listener.onEvent(event);
}

async function eventFor(
  database: Database,
  { readable }: Listener,
  { revision, ms }: Pick<Look, "revision" | "ms">,
  changed: readonly ChangedRun[],
): Promise<ChangeEvent> {
  const projects = [...new Set(changed.map(({ project }) => project))];
  const allowed =
    projects.length === 0 ? new Set() : await projectsAmong(database, projects, await readable());
  const runs = changed.filter(({ project }) => allowed.has(project)).map(({ id }) => id);
  return { id: String(ms), revision, runs: runs.slice(0, maxRuns), more: changed.length > maxRuns };
}
