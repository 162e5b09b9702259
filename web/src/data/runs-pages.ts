/** @file Loads runs for a table: pages around the visible rows, with a cache. */
import { type Signal, signal } from "@preact/signals";
import { ask, type Body, type Reply } from "./api.ts";
import type { Cell } from "./columns.ts";
import { firstRowsAreThere } from "./first-rows.ts";

const tablePath = "/api/tunewise/v1/runs/table";
type Table = Reply<typeof tablePath, "post">;
/** A query of the table, without the page. */
export type RunsQuery = Omit<Body<typeof tablePath, "post">, "offset" | "limit" | "revision">;

/** Rows per page; a few pages cover a screen. */
const pageRows = 50;
/** Maximum cached pages; others are loaded again when needed. */
const maxPages = 60;

/** A run in a table. */
export interface RunRow {
  readonly id: string;
  readonly cell: (column: string) => Cell;
}

/** The runs that match a query. */
export class RunsPages {
  readonly query: RunsQuery;
  /** `null` until the first page has loaded. */
  readonly total: Signal<number | null> = signal(null);
  readonly failure: Signal<Error | null> = signal(null);
  readonly pinned: Signal<readonly RunRow[]> = signal([]);
  readonly groups: Signal<Table["groups"]> = signal(null);
  /** Incremented with every loaded page. */
  readonly version: Signal<number> = signal(0);
  readonly #pages = new Map<number, readonly RunRow[]>();
  readonly #asked = new Map<number, Asked>();
  /** Whether a refresh is waiting for pending requests. */
  #isWaiting = false;
  #revision = "";
  #shown: readonly [from: number, to: number] = [0, 0];

  /** Called with the visible rows; loads their pages. The function's identity is stable. */
  readonly shown = (from: number, to: number): void => {
    this.#shown = [from, to];
    this.want(from, to);
  };

  /** Store revision of the rows; empty: no rows yet. */
  get revision(): string {
    return this.#revision;
  }

  constructor(query: RunsQuery) {
    this.query = query;
  }

  /** The run at a position if its page has loaded; `want` loads pages. */
  row(at: number): RunRow | undefined {
    return this.#pages.get(Math.floor(at / pageRows))?.[at % pageRows];
  }

  /** Loads the pages of a range, and cancels requests for pages that are no longer needed. */
  want(from: number, to: number): void {
    const [first, last] = [Math.floor(from / pageRows), Math.floor(Math.max(from, to - 1) / pageRows)];
    for (const [page, asked] of this.#asked) {
      if (page < first - 1 || page > last + 1) asked.controller.abort();
    }
    for (let page = first; page <= last; page++) {
      if (!this.#pages.has(page) && !this.#asked.has(page)) void this.#ask(page, this.#revision);
    }
  }

  /** Reloads the visible rows after a change. Waits for pending requests, whose data may predate the change. */
  async refresh(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    await Promise.all([...this.#asked.values()].map(({ ended }) => ended));
    this.#isWaiting = false;
    const [from, to] = this.#shown;
    const [first, last] = [Math.floor(from / pageRows), Math.floor(Math.max(from, to - 1) / pageRows)];
    for (const page of this.#pages.keys()) if (page < first || page > last) this.#pages.delete(page);
    for (let page = first; page <= last; page++)
      if (!this.#asked.has(page)) await this.#ask(page, page === first ? "" : this.#revision);
  }

  /** Cancels all requests. */
  close(): void {
    for (const { controller } of this.#asked.values()) controller.abort();
  }

  /** @param revision whose order to use; empty: the current order */
  #ask(page: number, revision: string): Promise<void> {
    const controller = new AbortController();
    const ended = this.#load(page, revision, controller.signal).finally(() => this.#asked.delete(page));
    this.#asked.set(page, { controller, ended });
    return ended;
  }

  async #load(page: number, revision: string, signal: AbortSignal): Promise<void> {
    try {
      const body = {
        ...this.query,
        offset: page * pageRows,
        limit: pageRows,
        ...(revision === "" ? {} : { revision }),
      };
      const table = await ask("post", tablePath, { body, signal });
      if (table.revision !== this.#revision) {
        this.#revision = table.revision;
        this.#pages.clear(); // They belong to another revision.
      }
      this.#pages.set(page, rowsOf(table));
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size <= maxPages) break;
        this.#pages.delete(oldest);
      }
      this.pinned.value = table.pinned === null ? [] : rowsOf(table.pinned);
      this.groups.value = table.groups;
      this.total.value = table.total;
      this.failure.value = null;
      this.version.value++;
      requestAnimationFrame(firstRowsAreThere);
    } catch (error) {
      if (signal.aborted) return;
      this.failure.value = error as Error;
      firstRowsAreThere();
    }
  }
}

/** A pending page request. */
interface Asked {
  readonly controller: AbortController;
  /** Resolves when the request has completed or failed. */
  readonly ended: Promise<void>;
}

function rowsOf({ ids, columns }: Pick<Table, "ids" | "columns">): RunRow[] {
  const byName = new Map(columns.map(({ name, values }) => [name, values as readonly Cell[]]));
  return ids.map((id, at) => ({ id, cell: (column) => byName.get(column)?.[at] ?? null }));
}
