/** @file Routes of the page's table of runs: pages, completion of columns and values, changes, and saved views. */

import {
  changeRuns,
  createCompletion,
  createRunTable,
  type RequestedChange,
  readProjectsOf,
  type TableCells,
  type TableColumn,
  type TableScope,
  type TrackingContext,
} from "@tunewise/tracker";
import { type FieldsRoute, fieldsRoute, HttpError, type Route, type Scope } from "@tunewise/tracker/http";
import { problem } from "../../../problem/index.ts";
import { readRunExpression } from "./run-expression.ts";
import { type ChangeBody, changeBody, columnsQuery, tableBody, valuesQuery } from "./table-bodies.ts";
import { columnOf, nameOfColumn } from "./table-columns.ts";
import { tableShape } from "./table-shapes.ts";
import { viewRoutes } from "./view-routes.ts";

/** Maximum body size: a filter of 100,000 characters, columns and ids. */
const maxBodyBytes = 1024 ** 2;
/** Maximum curves of a reply: every value of every curve takes an index lookup. */
const maxCurves = 8;

/** Routes of the table of runs. */
export function tableRoutes(context: TrackingContext): Route[] {
  return [tableRoute(context), ...completionRoutes(context), changeRoute(context), ...viewRoutes(context)];
}

const base = "/api/tunewise/v1/runs";

function tableRoute({ database }: TrackingContext): Route {
  const table = createRunTable(database);
  return fieldsRoute({
    method: "POST",
    path: `${base}/table`,
    policy: "read",
    about: "readable",
    maxBodyBytes,
    reads: tableBody,
    summary:
      "List readable runs, page by page and column by column. Columns: metrics.KEY, params.KEY, tags.KEY (unescaped keys), curve.KEY (about 24 values of a metric by step; at most 8 such columns) and attributes.NAME: run_id, name, status, start_time, end_time, duration, client, person, project, purpose, spent, waste, waste_kind, plan. The filter uses MLflow's syntax, plus OR, NOT, parentheses, and numeric comparison with parameters and tags. Runs without a value are sorted last, after NaN; ties are sorted newest first.",
    gives: tableShape("TablePage"),
    handle: async (body, { scope }) => {
      const columns = body.columns.map(columnOf);
      if (columns.filter(({ of }) => of === "curve").length > maxCurves) {
        throw new HttpError(400, "too_many_curves", `More than ${maxCurves} columns are curves.`);
      }
      const page = await table.read({
        scope: scopeOf(scope, body.projects, body.stage),
        where: readRunExpression(body.filter),
        columns,
        order: body.order.map(({ column, descending }) => ({
          column: comparableColumn(column),
          isDescending: descending,
        })),
        group: body.group.map(comparableColumn),
        pinned: body.pinned,
        offset: body.offset,
        limit: body.limit,
        revision: body.revision,
      });
      const { revision, total, ids, pinned, groups } = page;
      return {
        status: 200,
        body: {
          revision,
          total,
          offset: body.offset,
          ids,
          columns: columnBodies(body.columns, page.columns),
          pinned: pinned && { ids: pinned.ids, columns: columnBodies(body.columns, pinned.columns) },
          groups: groups && {
            count: groups.count,
            groups: groups.groups.map((group) => ({ ...group, values: group.values.map(jsonValue) })),
          },
        },
      };
    },
  });
}

function scopeOf(
  { readable }: Scope,
  projects: readonly number[] | undefined,
  stage: TableScope["stage"] = "active",
): TableScope {
  return { projects: projects ?? null, readable, stage };
}

/** @throws {HttpError} 400 for a curve, by which runs cannot be sorted or grouped */
function comparableColumn(name: string): TableColumn {
  const column = columnOf(name);
  if (column.of !== "curve") return column;
  throw new HttpError(
    400,
    "not_comparable",
    `A curve orders and groups nothing: write metrics. in place of curve.`,
  );
}

function columnBodies(names: readonly string[], columns: readonly TableCells[]): object[] {
  return columns.map(({ kind, values, cut }, at) => ({
    name: names[at],
    kind,
    cut,
    values: values.map((value) => (Array.isArray(value) ? value.map(jsonValue) : jsonValue(value as string))),
  }));
}

/** Converts numbers that JSON cannot represent to strings. */
function jsonValue<Value extends string | number | null>(value: Value): Value | string {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function completionRoutes({ database }: TrackingContext): Route[] {
  const completion = createCompletion(database);
  return [
    read({
      path: `${base}/columns`,
      reads: columnsQuery,
      gives: tableShape("NamedColumns"),
      summary:
        "List keys of metrics, parameters and tags of readable runs, most common first. `search` matches part of a key; `projects` is a comma-separated list of project numbers.",
      handle: async ({ projects, search, limit }, { scope }) => {
        const { columns, more } = await completion.columns({
          scope: scopeOf(scope, projects),
          search,
          limit,
        });
        const body = columns.map(({ column, kind, runs }) => ({ name: nameOfColumn(column), kind, runs }));
        return { status: 200, body: { columns: body, more } };
      },
    }),
    read({
      path: `${base}/values`,
      reads: valuesQuery,
      gives: tableShape("ColumnValues"),
      summary: "List values of a column that start with a text, most common first.",
      handle: async ({ projects, column, prefix, limit }, { scope }) => {
        const request = { scope: scopeOf(scope, projects), column: comparableColumn(column), prefix, limit };
        const values = await completion.values(request);
        return {
          status: 200,
          body: { values: values.map(({ value, runs }) => ({ value: jsonValue(value), runs })) },
        };
      },
    }),
  ];
}

function read<Fields>(
  route: Omit<FieldsRoute<Fields>, "method" | "policy" | "about" | "maxBodyBytes">,
): Route {
  return fieldsRoute({ ...route, method: "GET", policy: "read", about: "readable", maxBodyBytes: 0 });
}

function changeRoute(context: TrackingContext): Route {
  return fieldsRoute({
    method: "POST",
    path: `${base}/change`,
    policy: "write",
    maxBodyBytes,
    reads: changeBody,
    about: {
      all: async ({ ids }: ChangeBody) => {
        const projects = await readProjectsOf(context.database, "run", ids);
        const [first = ""] = ids;
        if (projects.size === 0) throw problem("RUN_NOT_FOUND", { id: first, store: "this store" });
        return [...new Set(projects.values())].map((project) => ({ project }));
      },
    },
    summary:
      "Change runs. Requires write access to all of their projects. Actions: tag (key, value), untag (key), stop (reason), delete, restore, rename (value), note (value; empty removes the note). Returns the outcome of each run.",
    gives: tableShape("RunOutcomes"),
    handle: async (body, { caller }) => {
      const outcomes = await changeRuns(context, body.ids, changeOf(body, caller.name), caller.name);
      return { status: 200, body: { outcomes: [...outcomes].map(([id, outcome]) => ({ id, outcome })) } };
    },
  });
}

/** Converts a body to a change; the schema ensures that the action's fields are present. */
function changeOf(
  { action, key = "", value = "", reason = "asked for" }: ChangeBody,
  person: string,
): RequestedChange {
  if (action === "tag") return { action, key, value };
  if (action === "untag") return { action, key };
  if (action === "stop") return { action, reason: person === "" ? reason : `${reason} (${person})` };
  if (action === "rename" || action === "note") return { action, value };
  return { action };
}
