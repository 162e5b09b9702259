/** @file What answering a GraphQL request takes. */
import type { IncomingMessage } from "node:http";
import { includesRole, type ProjectRole, type WandbRun } from "@tunewise/tracker";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Caller } from "../../http/route.ts";
import type { Fields } from "./fields.ts";
import type { FileLinks, LinkMode } from "./file-links.ts";

/** The call that a root field belongs to. */
export interface WandbCall {
  readonly context: TrackingContext;
  readonly caller: Caller;
  /**
   * A complete address under which one file of a project can be sent or fetched for a day; `null` for who may not. The
   * address is its own permission, so that it is made for nobody else.
   */
  readonly link: (mode: LinkMode, key: string, project: number) => Promise<string | null>;
  /** Whether the caller may read a project that something else leads to. */
  readonly mayRead: (project: number) => Promise<boolean>;
  /** A run that an artifact leads to; runs lead to artifacts too. */
  readonly runFields: (run: WandbRun) => Fields;
}

/** The call of a request; addresses lead to where the request came in. */
export function callOf(
  context: TrackingContext,
  caller: Caller,
  links: FileLinks,
  { headers }: IncomingMessage,
  runFields: WandbCall["runFields"],
): WandbCall {
  const scheme = headers["x-forwarded-proto"] === "https" ? "https" : "http";
  const base = `${scheme}://${headers.host ?? "localhost"}`;
  const roles = new Map<number, Promise<ProjectRole | "none">>();
  const roleIn = (project: number): Promise<ProjectRole | "none"> => {
    const known =
      roles.get(project) ?? caller.rights.rolesIn([project]).then((found) => found.get(project) ?? "none");
    roles.set(project, known);
    return known;
  };
  return {
    context,
    caller,
    link: async (mode, key, project) =>
      includesRole(await roleIn(project), mode === "put" ? "write" : "read")
        ? base + (await links.make(mode, key))
        : null,
    mayRead: async (project) => includesRole(await roleIn(project), "read"),
    runFields,
  };
}
