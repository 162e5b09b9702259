/** @file Context of answering a GraphQL request. */
import type { IncomingMessage } from "node:http";
import type { Caller } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { includesRole, type ProjectRole, type WandbRun } from "../../index.ts";
import type { Fields } from "./fields.ts";
import type { FileLinks, LinkMode } from "./file-links.ts";

/** The request that a root field belongs to. */
export interface WandbCall {
  readonly context: TrackingContext;
  readonly caller: Caller;
  /**
   * Returns a complete address for transferring one file of a project within a day; `null` without the right to do so.
   * The address itself is the permission, so only authorized callers get one.
   */
  readonly link: (mode: LinkMode, key: string, project: number) => Promise<string | null>;
  /** Whether the caller may read a project that is reached through another object. */
  readonly mayRead: (project: number) => Promise<boolean>;
  /** Fields of a run. Passed in because the modules of runs and artifacts would otherwise depend on each other. */
  readonly runFields: (run: WandbRun) => Fields;
}

/** Creates the context of a request; addresses of files use the host that the request was sent to. */
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
