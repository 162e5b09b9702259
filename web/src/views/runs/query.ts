/** @file The runs table's state, which is in the address: filter, order, columns, groups, baseline. */

import { usualColumns } from "../../data/columns.ts";
import type { RunsQuery } from "../../data/runs-pages.ts";
import { changeFields, location } from "../../location.ts";

/** One item of an order. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

const remembered = "tunewise.columns";

/** Columns, as the address or this browser's memory has them. */
export function chosenColumns(): readonly string[] {
  const said = location.value.fields.get("columns") ?? window.localStorage.getItem(remembered);
  const columns =
    said
      ?.split(",")
      .map(decodeURIComponent)
      .filter((name) => name.includes(".")) ?? [];
  return columns.length > 0 ? columns : usualColumns;
}

/** Chooses columns, for this link and for the next visit. */
export function chooseColumns(columns: readonly string[]): void {
  const text = columns.map(encodeURIComponent).join(",");
  window.localStorage.setItem(remembered, text);
  changeFields({ columns: text }, false);
}

/** Columns that the server sorts by at most. */
const orderMost = 4;

/** The order, the most important first. */
export function chosenOrder(): readonly Order[] {
  const words = location.value.fields.get("order")?.split(",") ?? [];
  return words
    .filter((word) => word !== "")
    .slice(0, orderMost)
    .map((word) => ({
      column: decodeURIComponent(word.replace(/^-/, "")),
      descending: word.startsWith("-"),
    }));
}

/** Sorts by a column: downward first, then upward, then not at all. @param isMore beside the order there is */
export function sortBy(column: string, isMore: boolean): void {
  const before = chosenOrder();
  const found = before.find((one) => one.column === column);
  const next =
    found === undefined
      ? { column, descending: true }
      : found.descending
        ? { column, descending: false }
        : null;
  const others = isMore ? before.filter((one) => one.column !== column).slice(0, orderMost - 1) : [];
  const order = [...others, ...(next ? [next] : [])];
  changeFields({
    order: order.map((one) => `${one.descending ? "-" : ""}${encodeURIComponent(one.column)}`).join(","),
  });
}

const lastSeen = "attributes.last_seen";

/** The address as a question to the server. */
export function queryOf(): RunsQuery {
  const { fields } = location.value;
  const list = (name: string): string[] => (fields.get(name) ?? "").split(",").filter((one) => one !== "");
  const [projects, group] = [list("projects").map(Number), list("group").map(decodeURIComponent)];
  const [filter, baseline] = [fields.get("filter") ?? "", fields.get("baseline") ?? ""];
  return {
    // what a status says depends on when its run was last heard of; a group has no such moment
    columns: [...new Set(["attributes.name", ...chosenColumns(), ...(group.length > 0 ? [] : [lastSeen])])],
    ...(projects.length > 0 && projects.every(Number.isSafeInteger) ? { projects } : {}),
    ...(filter === "" ? {} : { filter }),
    ...(baseline === "" ? {} : { pinned: [baseline] }),
    ...(group.length > 0 ? { group } : {}),
    ...(fields.get("stage") === "deleted" ? { stage: "deleted" as const } : {}),
    order: chosenOrder().map(({ column, descending }) => ({ column, descending })),
  };
}
