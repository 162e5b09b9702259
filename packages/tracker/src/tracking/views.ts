/** @file Saved views of the dashboard, by name, for one user or for everyone in a project. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import type { SqlPart } from "../database/search.ts";

/** Owner of a view: everyone who may read a project, or one user. */
export type ViewPlace = { readonly project: number } | { readonly person: string };

/** A saved view. */
export interface SavedView {
  readonly name: string;
  /** Number of the project; `null`: private to its owner. */
  readonly project: number | null;
  /** User who saved it last. */
  readonly owner: string;
  /** JSON that only the dashboard reads. */
  readonly state: string;
  readonly changedMs: number;
}

/** Maximum views per place. */
export const maxViews = 200;

function placeText(place: ViewPlace): string {
  return "project" in place ? `project:${place.project}` : `person:${place.person}`;
}

/** Saves a view, replacing one with the same name. @returns `false` if the place is full */
export async function putView(
  transaction: Transaction,
  place: ViewPlace,
  { name, owner, state, changedMs }: Omit<SavedView, "project">,
): Promise<boolean> {
  const text = placeText(place);
  const sql = "SELECT count(*) AS views FROM views WHERE place = ? AND name <> ?";
  const [row] = await transaction.all(sql, text, name);
  if (Number(row?.["views"]) >= maxViews) return false;
  await transaction.run(
    `INSERT INTO views (place, name, project, owner, state, changed_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (place, name) DO UPDATE SET owner = excluded.owner, state = excluded.state,
       changed_ms = excluded.changed_ms`,
    ...[text, name, "project" in place ? place.project : null, owner, state, changedMs],
  );
  return true;
}

/** Deletes a view. @returns whether it existed */
export async function dropView(transaction: Transaction, place: ViewPlace, name: string): Promise<boolean> {
  return (
    (await transaction.run("DELETE FROM views WHERE place = ? AND name = ?", placeText(place), name)) > 0
  );
}

/** The view with a name, or `null`. */
export async function findView(reader: Reader, place: ViewPlace, name: string): Promise<SavedView | null> {
  const [row] = await reader.all("SELECT * FROM views WHERE place = ? AND name = ?", placeText(place), name);
  return row ? viewFrom(row) : null;
}

/** Maximum number of views listed. */
const maxListed = 1_000;

/**
 * A user's own views and those of projects, ordered by name.
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
    ...[placeText({ person }), ...(readable?.values ?? []), maxListed],
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
