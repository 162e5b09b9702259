/** @file Saved views of the page: what somebody looks at, under a name, for one person or for all of a project. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import type { SqlPart } from "../database/search.ts";

/** Where a view belongs: to all who may read a project, or to one person alone. */
export type ViewPlace = { readonly project: number } | { readonly person: string };

/** A view. */
export interface SavedView {
  readonly name: string;
  /** Number; `null`: it is its owner's alone. */
  readonly project: number | null;
  /** Who saved it last. */
  readonly owner: string;
  /** JSON that only the page reads. */
  readonly state: string;
  readonly changedMs: number;
}

/** Views of a place: more are nobody's. */
export const viewsMost = 200;

function placeText(place: ViewPlace): string {
  return "project" in place ? `project:${place.project}` : `person:${place.person}`;
}

/** Saves a view in place of the one of its name. @returns whether there was room for it */
export async function putView(
  transaction: Transaction,
  place: ViewPlace,
  { name, owner, state, changedMs }: Omit<SavedView, "project">,
): Promise<boolean> {
  const text = placeText(place);
  const sql = "SELECT count(*) AS views FROM views WHERE place = ? AND name <> ?";
  const [row] = await transaction.all(sql, text, name);
  if (Number(row?.["views"]) >= viewsMost) return false;
  await transaction.run(
    `INSERT INTO views (place, name, project, owner, state, changed_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (place, name) DO UPDATE SET owner = excluded.owner, state = excluded.state,
       changed_ms = excluded.changed_ms`,
    ...[text, name, "project" in place ? place.project : null, owner, state, changedMs],
  );
  return true;
}

/** Drops a view. @returns whether there was one */
export async function dropView(transaction: Transaction, place: ViewPlace, name: string): Promise<boolean> {
  return (
    (await transaction.run("DELETE FROM views WHERE place = ? AND name = ?", placeText(place), name)) > 0
  );
}

/** The view of a name, or `null`. */
export async function findView(reader: Reader, place: ViewPlace, name: string): Promise<SavedView | null> {
  const [row] = await reader.all("SELECT * FROM views WHERE place = ? AND name = ?", placeText(place), name);
  return row ? viewFrom(row) : null;
}

/** Most views of an answer. */
const listedMost = 1_000;

/**
 * A person's own views and those of projects, by name.
 *
 * @param readable a condition on rows of `projects`; `null`: all of them
 */
export async function listViews(
  reader: Reader,
  person: string,
  readable: SqlPart | null,
): Promise<SavedView[]> {
  const among = readable === null ? "" : ` WHERE ${readable.sql}`;
  const rows = await reader.all(
    `SELECT * FROM views WHERE place = ? OR project IN (SELECT projects.number FROM projects${among})
     ORDER BY name, number LIMIT ?`,
    ...[placeText({ person }), ...(readable?.values ?? []), listedMost],
  );
  return rows.map(viewFrom);
}

function viewFrom(row: SqlRow): SavedView {
  return {
    name: String(row["name"]),
    project: numberOrNull(row, "project"),
    owner: String(row["owner"]),
    state: String(row["state"]),
    changedMs: Number(row["changed_ms"]),
  };
}
