/**
 * @file Which runs changed, for all who listen: one loop asks the database once a second, only while somebody listens,
 * and reads nothing more where its revision is the one before. Changes of other processes are seen like our own.
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

/** What happened since the event before. */
export interface ChangeEvent {
  /** Where to go on from after a connection was lost. */
  readonly id: string;
  readonly revision: string;
  /** Ids of runs that changed, the latest first; empty in the first event. */
  readonly runs: readonly string[];
  /** Whether more runs changed than are told. */
  readonly more: boolean;
}

/** Somebody who wants to know. */
export interface Listener {
  /** Who it is: nobody takes all places. */
  readonly name: string;
  /** The projects that may be read, asked for at each event; `null`: all. */
  readonly readable: () => Promise<ProjectsAmong | null>;
  /** The id of the last event that was received; `null`: none was. */
  readonly after: string | null;
  readonly onEvent: (event: ChangeEvent) => void;
}

/** Tells who listens of changes. */
export interface ChangeFeed {
  /**
   * Listens; the first event comes at once.
   *
   * @returns ends it; `null`: too many listen already
   */
  readonly listen: (listener: Listener) => Promise<(() => void) | null>;
  /** How many listen. */
  readonly listeners: () => number;
}

/** Runs that one event tells of. */
const runsMost = 500;
/** All listeners, and those of one name. */
const listenersMost = { all: 500, each: 20 };
/** Between two looks at the database. */
const pollMs = 1_000;
/**
 * How long a transaction may be open: what it changed carries an instant before its commit. Runs changed within are
 * looked at again, and told once.
 */
const overlapMs = 30_000;

/** A feed of a database. */
export function createChangeFeed(database: Database, everyMs: number = pollMs): ChangeFeed {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | null = null;
  let look: Look | null = null;
  let isBusy = false;
  const poll = async (): Promise<void> => {
    const next = await lookAgain(database, look);
    // nobody listens any more
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
      // a database that cannot be read now is asked again; nobody is told meanwhile
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
      // one that listens twice is told twice
      const listener = { ...asking };
      const own = [...listeners].filter(({ name }) => name === listener.name).length;
      if (listeners.size >= listenersMost.all || own >= listenersMost.each) return null;
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

/** What the last look at the database saw. */
interface Look {
  readonly revision: string;
  readonly ms: number;
  /** Instants of changes within the overlap, by runs. */
  readonly seen: ReadonlyMap<number, number>;
}

/** Looks at the database; `null`: nothing was committed since. */
async function lookAgain(
  database: Database,
  before: Look | null,
): Promise<{ readonly look: Look; readonly changed: readonly ChangedRun[] } | null> {
  const revision = await revisionOf(database);
  if (revision === before?.revision) return null;
  const ms = await databaseClock(database);
  const since = (before?.ms ?? ms) - overlapMs;
  const runs = await readChangedRuns(database, since, runsMost + 1);
  const changed = before === null ? [] : runs.filter((run) => before.seen.get(run.number) !== run.changedMs);
  const seen = new Map(runs.map(({ number, changedMs }) => [number, changedMs]));
  return { look: { revision, ms, seen }, changed };
}

/** The first event: where it stands, and what changed since the event that was received last. */
async function greet(database: Database, listener: Listener): Promise<void> {
  const revision = await revisionOf(database);
  const ms = await databaseClock(database);
  const after = /^\d{1,15}$/.test(listener.after ?? "") ? Number(listener.after) : null;
  const changed =
    after === null ? [] : await readChangedRuns(database, Math.max(0, after - overlapMs), runsMost + 1);
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
  return { id: String(ms), revision, runs: runs.slice(0, runsMost), more: changed.length > runsMost };
}
