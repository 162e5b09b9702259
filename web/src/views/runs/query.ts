/** @file State of the runs table, stored in the address: filter, order, columns, groups, baseline. */

import { usualColumns } from "../../data/columns.ts";
import type { RunsQuery } from "../../data/runs-pages.ts";
import { changeFields, location } from "../../location.ts";

/** One column of a sort order. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

const remembered = "tunewise.columns";

/** Columns from the address, or else from this browser's storage. */
export function chosenColumns(): readonly string[] {
  const said = location.value.fields.get("columns") ?? window.localStorage.getItem(remembered);
  const columns =
    said
      ?.split(",")
      .map(decodeURIComponent)
      .filter((name) => name.includes(".")) ?? [];
  return columns.length > 0 ? columns : usualColumns;
}

/** Sets the columns in the address, and stores them for later visits. */
export function chooseColumns(columns: readonly string[]): void {
  const text = columns.map(encodeURIComponent).join(",");
  window.localStorage.setItem(remembered, text);
  changeFields({ columns: text }, false);
}

/** Maximum columns that the server sorts by. */
const maxOrder = 4;

/** The sort order, most significant column first. */
export function chosenOrder(): readonly Order[] {
  const words = location.value.fields.get("order")?.split(",") ?? [];
  return words
    .filter((word) => word !== "")
    .slice(0, maxOrder)
    .map((word) => ({
      column: decodeURIComponent(word.replace(/^-/, "")),
      descending: word.startsWith("-"),
    }));
}

/** Cycles a column's order: descending, ascending, none. @param isMore in addition to the current order */
export function sortBy(column: string, isMore: boolean): void {
  const before = chosenOrder();
  const found = before.find((one) => one.column === column);
  const next =
    found === undefined
      ? { column, descending: true }
      : found.descending
        ? { column, descending: false }
        : null;
  const others = isMore ? before.filter((one) => one.column !== column).slice(0, maxOrder - 1) : [];
  const order = [...others, ...(next ? [next] : [])];
  changeFields({
    order: order.map((one) => `${one.descending ? "-" : ""}${encodeURIComponent(one.column)}`).join(","),
  });
}

const lastSeen = "attributes.last_seen";

/** Converts the address to a query. */
export function queryOf(): RunsQuery {
  const { fields } = location.value;
  const list = (name: string): string[] => (fields.get(name) ?? "").split(",").filter((one) => one !== "");
  const [projects, group] = [list("projects").map(Number), list("group").map(decodeURIComponent)];
  const [filter, baseline] = [fields.get("filter") ?? "", fields.get("baseline") ?? ""];
  return {
    // The status text depends on the run's last activity; groups have none.
    columns: [...new Set(["attributes.name", ...chosenColumns(), ...(group.length > 0 ? [] : [lastSeen])])],
    ...(projects.length > 0 && projects.every(Number.isSafeInteger) ? { projects } : {}),
    ...(filter === "" ? {} : { filter }),
    ...(baseline === "" ? {} : { pinned: [baseline] }),
    ...(group.length > 0 ? { group } : {}),
    ...(fields.get("stage") === "deleted" ? { stage: "deleted" as const } : {}),
    order: chosenOrder().map(({ column, descending }) => ({ column, descending })),
  };
}
