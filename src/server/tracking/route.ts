/** @file A route of the tracking server: what it answers to, what it is about, who may call it, how it answers. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ProjectRole, Reader, SqlValue } from "../../track/index.ts";
import type { ProtocolDocs, RouteDoc } from "./openapi/doc.ts";

/**
 * What a caller needs for a route: `open` nothing, not even a name; `read`, `write` and `admin` that role in what the
 * route is about; where it is about `nothing`, `admin` means those who run the server. A route without a policy does
 * not compile, and one with an unknown policy keeps the server from starting.
 */
export type Policy = "open" | ProjectRole;

/** A project that a call touches; `role` is what it takes there, where that is not the route's policy. */
export interface Subject {
  readonly project: number;
  readonly role?: ProjectRole;
}

/** Projects of a call, never an empty list; `new-project`: one yet to be made, which everybody with a name may do. */
export type Subjects = readonly Subject[] | "new-project";

/**
 * What a route is about. It is asked for before the handler sees the call, in one place (`authorize`), so that no
 * handler can forget to. A route that does not say it does not compile, and keeps the server from starting.
 *
 * - `nothing`: no project at all, such as the server itself
 * - `new-project`: it makes one
 * - `registry`: the names of models, which all users read, and change who may write in some project
 * - `readable`: whatever the caller may read; the handler finds the condition in the call's scope
 * - `parts`: each part of the body says for itself what it is about (GraphQL)
 * - `all`: projects in which the caller needs the role, every one of them
 * - `registry-and`: the registry, and such projects, of which there may be none
 * - `among`: projects that are named; the handler gets those in which the caller has the role
 */
export type About =
  | ("nothing" | "new-project" | "registry" | "readable" | "parts")
  | { readonly all: (call: Call) => Promise<Subjects> }
  | { readonly registryAnd: (call: Call) => Promise<readonly Subject[]> }
  | { readonly among: (call: Call) => Promise<readonly number[]> };

/** Who calls, as far as the server knows. */
export interface Caller {
  /** Empty: everybody on this machine, as there are no users. */
  readonly name: string;
  /** Whether everything is allowed. */
  readonly isAdmin: boolean;
  readonly rights: Rights;
}

/** What a caller may do in which projects. */
export interface Rights {
  /**
   * Roles by projects; a number that no project has is missing.
   *
   * @param reader a transaction that is to see what it wrote itself
   */
  readonly rolesIn: (
    projects: readonly number[],
    reader?: Reader,
  ) => Promise<ReadonlyMap<number, ProjectRole | "none">>;
  /** A condition on the numbers of projects that may be read; `null`: all of them. */
  readonly readable: () => Promise<SqlCondition | null>;
  readonly writesSomewhere: () => Promise<boolean>;
}

/** A condition on rows of projects. */
export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What is left of the projects that a search asks for. */
export interface Scope {
  /** Of `among`. */
  readonly projects: readonly number[];
  /** Of `readable`; `null`: all of them. */
  readonly readable: SqlCondition | null;
}

/** A request on its way through a route. */
export interface Call {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  /** What the letters behind the colons of the route's path stand for, decoded once. */
  readonly words: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as JSON; `{}` where there is none. Refuses what is larger than the route allows, or no JSON. */
  json(): Promise<unknown>;
}

/** A call that is allowed. */
export interface AllowedCall extends Call {
  readonly scope: Scope;
}

/** What is sent back. An object is sent as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string | Readable | null;
}

/** One route. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** `/a/:word/b` or `/a/*rest`, where `rest` takes in slashes. */
  readonly path: string;
  readonly policy: Policy;
  readonly about: About;
  /** Largest body that `json` reads; routes that read the request themselves say 0. */
  readonly bodyBytesMost: number;
  readonly handle: (call: AllowedCall) => Promise<Reply>;
  /** What it is for, in the description of all routes; where it is missing, the protocol's `docs` have it. */
  readonly doc?: RouteDoc;
}

/** Routes of one protocol, and how it words what went wrong. */
export interface Protocol {
  readonly name: string;
  readonly routes: readonly Route[];
  /** The reply for what a route threw, or for a refusal of the server's own. */
  readonly refuse: (error: unknown) => Reply;
  readonly docs: ProtocolDocs;
}

/** Thrown by the server itself before or in a route: a status that every protocol can word. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
