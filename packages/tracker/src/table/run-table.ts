/** @file The table of runs: pages in any order. Orders are cached until the database changes. */
import type { Database } from "../database/database.ts";
import { revisionOf } from "../database/revision.ts";
import { readAmong } from "../database/rows.ts";
import { readCells, type TableCells } from "./cells.ts";
import { allOf, scopeParts, type TableColumn, type TableScope } from "./column.ts";
import { groupRuns, type RunGroup } from "./groups.ts";
import { createOrderCache } from "./order-cache.ts";
import { conditionOf, orderRuns, type TableQuestion } from "./ordered-runs.ts";

export type { TableCells };

/** A page of the table, with pinned runs and groups. */
export interface TableRequest extends TableQuestion {
  readonly columns: readonly TableColumn[];
  readonly group: readonly TableColumn[];
  /** Ids of runs that are always returned. */
  readonly pinned: readonly string[];
  readonly offset: number;
  readonly limit: number;
  /** Revision of an earlier page, whose order is used again while it is cached. */
  readonly revision: string | null;
}

/** Runs and their cells. */
export interface TableRows {
  readonly ids: readonly string[];
  readonly columns: readonly TableCells[];
}

/** The result of a request. */
export interface TablePage extends TableRows {
  readonly revision: string;
  readonly total: number;
  /** The pinned runs that may be read, in the requested order. */
  readonly pinned: TableRows | null;
  readonly groups: { readonly groups: readonly RunGroup[]; readonly count: number } | null;
}

/** The table of a database. */
export interface RunTable {
  readonly read: (request: TableRequest) => Promise<TablePage>;
}

/** Creates the table of a database, with its own cache of orders. */
export function createRunTable(database: Database): RunTable {
  const orders = createOrderCache();
  return {
    read: async (request) => {
      const { scope, where, order, columns, offset, limit } = request;
      const current = await revisionOf(database);
      const question = JSON.stringify([scope, where, order]);
      // Groups use the current order, because statistics must not include runs that are gone since.
      const wanted = request.group.length === 0 ? (request.revision ?? current) : current;
      const revision = orders.has(wanted, question) ? wanted : current;
      const numbers = await orders.get(revision, question, () => orderRuns(database, request));
      const page = [...numbers.subarray(offset, offset + limit)];
      const condition = conditionOf(database, scope, where);
      return {
        revision,
        total: numbers.length,
        ...(await readRows(database, page, scope, columns)),
        pinned: request.pinned.length === 0 ? null : await readPinned(database, request),
        groups:
          request.group.length === 0
            ? null
            : await groupRuns(database, numbers, condition, { by: request.group, columns }),
      };
    },
  };
}

/** Rows of runs by number. A cached order may contain runs that no longer exist. */
async function readRows(
  database: Database,
  numbers: readonly number[],
  scope: TableScope,
  columns: readonly TableColumn[],
): Promise<TableRows> {
  const { sql, values } = allOf(scopeParts(scope));
  const text = (among: string): string =>
    `SELECT runs.number, runs.id FROM runs WHERE runs.number IN (${among}) AND ${sql}`;
  const rows = await readAmong(database, numbers, text, [], values);
  const ids = new Map(rows.map((row) => [Number(row["number"]), String(row["id"])]));
  const there = numbers.filter((number) => ids.has(number));
  return {
    ids: there.map((number) => ids.get(number) ?? ""),
    columns: await readCells(database, there, columns),
  };
}

async function readPinned(database: Database, { scope, pinned, columns }: TableRequest): Promise<TableRows> {
  const { sql, values } = allOf(scopeParts({ ...scope, projects: null }).slice(0, -1));
  const text = (among: string): string =>
    `SELECT runs.number, runs.id FROM runs WHERE runs.id IN (${among}) AND ${sql}`;
  const rows = await readAmong(database, pinned, text, [], values);
  const numbers = new Map(rows.map((row) => [String(row["id"]), Number(row["number"])]));
  const ids = [...new Set(pinned)].filter((id) => numbers.has(id));
  return {
    ids,
    columns: await readCells(
      database,
      ids.map((id) => numbers.get(id) ?? 0),
      columns,
    ),
  };
}
