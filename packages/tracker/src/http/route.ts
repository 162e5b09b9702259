/** @file Types of a route: method and path, policy and subjects of its access control, fields, handler and reply. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { ProjectRole, Reader, SqlValue } from "../index.ts";

/**
 * What a route requires of its caller: `open` nothing, not even identification; `read`, `write` and `admin` that role
 * in the route's subjects. For routes about `nothing`, `admin` means admins of the server. A route without a policy
 * does not compile, and one with an unknown policy prevents the server from starting.
 */
export type Policy = "open" | ProjectRole;

/** A project that a call concerns; `role` is the required role if it differs from the route's policy. */
export interface Subject {
  readonly project: number;
  readonly role?: ProjectRole;
}

/** Projects of a call, never an empty list; `new-project` creates one, which every identified caller may do. */
export type Subjects = readonly Subject[] | "new-project";

/**
 * The subjects of a route's access control. `authorize` checks them before the handler runs, so that no handler can
 * forget to. A route without them does not compile, and prevents the server from starting.
 *
 * - `nothing`: no project, such as the server itself
 * - `new-project`: creates a project
 * - `registry`: names of models, which every user may read and every user with write access to a project may change
 * - `readable`: everything that the caller may read; the call's scope has the condition
 * - `parts`: each part of the body has its own subjects (GraphQL)
 * - `all`: projects in each of which the caller needs the role
 * - `registryAnd`: the registry, and possibly projects as in `all`
 * - `among`: named projects; the handler receives those in which the caller has the role
 */
export type About<Fields = never> =
  | ("nothing" | "new-project" | "registry" | "readable" | "parts")
  | { readonly all: (fields: Fields, call: Call) => Promise<Subjects> }
  | { readonly registryAnd: (fields: Fields, call: Call) => Promise<readonly Subject[]> }
  | { readonly among: (fields: Fields, call: Call) => Promise<readonly number[]> };

/** The caller, as identified by the server. */
export interface Caller {
  /** Name of the user; empty if there are no users, so that everyone on this machine may call. */
  readonly name: string;
  /** Whether everything is allowed. */
  readonly isAdmin: boolean;
  readonly rights: Rights;
}

/** A caller's rights in projects. */
export interface Rights {
  /**
   * Roles by project; unknown projects are missing.
   *
   * @param reader a transaction, so that its own writes are visible
   */
  readonly rolesIn: (
    projects: readonly number[],
    reader?: Reader,
  ) => Promise<ReadonlyMap<number, ProjectRole | "none">>;
  /** Condition on the numbers of readable projects; `null` if all are readable. */
  readonly readable: () => Promise<SqlCondition | null>;
  readonly writesSomewhere: () => Promise<boolean>;
}

/** A condition on rows of projects. */
export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** The projects that a search may cover. */
export interface Scope {
  /** For `among`. */
  readonly projects: readonly number[];
  /** For `readable`; `null` if all are readable. */
  readonly readable: SqlCondition | null;
}

/** A request to a route. */
export interface Call {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  /** Values of the path's parameters, decoded once. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client disconnects before its reply is complete. */
  readonly signal: AbortSignal;
  /** Aborted when the server shuts down, so that endless replies end. */
  readonly closing: AbortSignal;
}

/** An authorized call. */
export interface AllowedCall extends Call {
  readonly scope: Scope;
}

/**
 * A reply: an object as JSON, a string as text, bytes or a stream unchanged, or text pushed by a function. The function
 * is called even if the client has disconnected, so that it can clean up.
 */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string | Uint8Array | Readable | Pushing | null;
}

/** Pushes text to the client until its promise resolves. */
export type Pushing = (push: (text: string) => void) => Promise<void>;

/** A JSON Schema in OpenAPI's dialect. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Schema metadata that marks a field as required if its own reader, not zod, refuses a request without it. */
export const requiredMark = "x-required";

/** Documentation of a route for the OpenAPI document. A route without a summary does not compile. */
export interface RouteDoc {
  readonly summary: string;
  /** Media type of a body that is not JSON. */
  readonly bodyType?: string;
  /** Fields of the reply, see `shape`. */
  readonly gives?: string | JsonSchema;
  /** Media type of the reply if it is not JSON. */
  readonly type?: string;
  /** Status of a successful reply; 200 by default. */
  readonly status?: number;
}

/** A route. Its handler and its subjects receive the same fields, parsed by its schema. */
export interface Route<Fields = never> extends RouteDoc {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** `/a/:name/b` or `/a/*rest`, where `rest` includes slashes. */
  readonly path: string;
  readonly policy: Policy;
  readonly about: About<Fields>;
  /** Schema of the fields, for parsing and for the OpenAPI document; without it, the route has no fields. */
  readonly reads?: z.ZodType;
  /** Location of the fields: by default the query for `GET` and `DELETE`, otherwise the body. */
  readonly fieldsIn?: "query" | "body";
  /** Maximum size of a parsed body; 0 for routes that read the request themselves. */
  readonly maxBodyBytes: number;
  /** Whether the route accepts any host name, even on a server for this machine only. */
  readonly anyHost?: boolean;
  readonly handle: (fields: Fields, call: AllowedCall) => Promise<Reply>;
}

/** Creates a route whose schema, subjects and handler the compiler checks against one type of fields. */
export function fieldsRoute<Fields>(route: FieldsRoute<Fields>): Route {
  return route;
}

/** See `fieldsRoute`. */
export interface FieldsRoute<Fields> extends Route<Fields> {
  readonly reads: z.ZodType<Fields>;
}

/** Routes of a protocol, and its error format. */
export interface Protocol {
  readonly name: string;
  /** Sentence that describes all of its routes. */
  readonly about: string;
  readonly routes: readonly Route[];
  /** Returns the reply for an error. */
  readonly refuse: (error: unknown) => Reply;
  /** Returns the error for the first violation of a route's schema. */
  readonly invalid: (issue: z.core.$ZodIssue, input: unknown) => Error;
  /** Shape of the body of an error. */
  readonly error: string | JsonSchema;
  /** Shapes by name, for `shape`; names are unique across protocols. */
  readonly shapes?: Readonly<Record<string, string | JsonSchema>>;
  /** Whether bodies must have the content type JSON and be valid UTF-8. */
  readonly isStrict?: boolean;
  /** Whether JSON is compressed for clients that accept it. */
  readonly isCompressed?: boolean;
}

/** Thrown before or in a route: a status, a code for programs and a message for people, in any protocol's format. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Name of the field that it concerns. */
  readonly param: string | null;
  /** Name of the caller, possibly only claimed; `null` without a name. */
  readonly person: string | null;

  constructor(
    status: number,
    code: string | null,
    message: string,
    {
      headers = {},
      param = null,
      person = null,
    }: Partial<Pick<HttpError, "headers" | "param" | "person">> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.param = param;
    this.person = person;
  }
}
