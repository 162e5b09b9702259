/** @file Routes of saved views: a user's own, which are private, and a project's, for everyone who may read it. */

import type { TrackingContext } from "@tunewise/tracker";
import {
  dropView,
  findView,
  listViews,
  maxViews,
  putView,
  type SavedView,
  type ViewPlace,
} from "@tunewise/tracker";
import { type About, type Caller, fieldsRoute, HttpError, type Route } from "@tunewise/tracker/http";
import { z } from "zod";
import { viewBody, viewQuery } from "./table-bodies.ts";
import { tableShape } from "./table-shapes.ts";

const path = "/api/tunewise/v1/views";
const maxBodyBytes = 64 * 1024;
/** Maximum characters of a name. */
const maxName = 200;

interface InProject {
  readonly project: number | null;
}

/** The view's project. A caller's own view has none, so `new-project` admits every identified caller. */
const aboutView: About<InProject> = {
  all: async ({ project }) => (project === null ? "new-project" : [{ project }]),
};

/** Routes of views. */
export function viewRoutes({ database, write, now }: TrackingContext): Route[] {
  return [
    fieldsRoute({
      method: "GET",
      path,
      policy: "read",
      about: "readable",
      reads: z.object({}),
      maxBodyBytes: 0,
      summary: "List the caller's views and those of readable projects.",
      gives: tableShape("SavedViews"),
      handle: async (_, { scope, caller }) => {
        const views = await listViews(database, caller.name, scope.readable);
        return { status: 200, body: { views: views.map(viewBodyOf) } };
      },
    }),
    fieldsRoute({
      method: "GET",
      path: `${path}/:name`,
      policy: "read",
      about: aboutView,
      reads: viewQuery,
      summary: "Get a view by name: the caller's own, or that of `project`.",
      maxBodyBytes: 0,
      gives: tableShape("SavedView"),
      handle: async ({ project }, { params, caller }) => {
        const name = nameOf(params);
        const view = await findView(database, placeOf(project, caller), name);
        if (!view) throw noView(name, project);
        return { status: 200, body: viewBodyOf(view) };
      },
    }),
    fieldsRoute({
      method: "PUT",
      path: `${path}/:name`,
      policy: "write",
      about: aboutView,
      reads: viewBody,
      maxBodyBytes,
      summary:
        "Create or replace a view: for the caller, or with `project` for everyone who can read that project, which requires write access. The state may have at most 16 kB as JSON.",
      gives: tableShape("SavedView"),
      handle: async ({ project, state }, { params, caller }) => {
        const name = nameOf(params);
        const view = { name, owner: caller.name, state: JSON.stringify(state), changedMs: now() };
        const place = placeOf(project, caller);
        if (await write((transaction) => putView(transaction, place, view))) {
          return { status: 200, body: viewBodyOf({ ...view, project }) };
        }
        const whose = project === null ? "You have" : `Project ${project} has`;
        throw new HttpError(409, "too_many_views", `${whose} ${maxViews} views already: delete one first.`);
      },
    }),
    fieldsRoute({
      method: "DELETE",
      path: `${path}/:name`,
      policy: "write",
      about: aboutView,
      reads: viewQuery,
      summary: "Delete a view by name: the caller's own, or that of `project`.",
      maxBodyBytes: 0,
      gives: "",
      handle: async ({ project }, { params, caller }) => {
        const name = nameOf(params);
        const place = placeOf(project, caller);
        if (!(await write((transaction) => dropView(transaction, place, name)))) throw noView(name, project);
        return { status: 200, body: {} };
      },
    }),
  ];
}

function placeOf(project: number | null, { name }: Caller): ViewPlace {
  return project === null ? { person: name } : { project };
}

/** @throws {HttpError} 400 for an invalid name */
function nameOf(params: Readonly<Record<string, string>>): string {
  const name = params["name"] ?? "";
  if (name.length <= maxName && !name.includes("\u0000")) return name;
  throw new HttpError(400, "invalid_name", `A view's name has at most ${maxName} letters, and no NUL.`);
}

function noView(name: string, project: number | null): HttpError {
  const where = project === null ? "of your own" : `in project ${project}`;
  return new HttpError(404, "no_such_view", `There is no view ${name} ${where}.`);
}

function viewBodyOf({ name, project, owner, state, changedMs }: SavedView): object {
  return { name, project, owner, changed_ms: changedMs, state: JSON.parse(state) };
}
