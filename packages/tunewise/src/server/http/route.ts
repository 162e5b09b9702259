/** @file A route: what it answers to, who may call it and about which projects, what it reads, how it answers. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ProjectRole, Reader, SqlValue } from "@tunewise/tracker";
import type { z } from "zod";

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
 * What a route is about: the subjects of its access control. One place asks (`authorize`), before the handler sees the
 * call, so that no handler can forget to. A route without it does not compile, and keeps the server from starting.
 *
 * - `nothing`: no project at all, such as the server itself
 * - `new-project`: it makes one
 * - `registry`: the names of models, which all users read, and change who may write in some project
 * - `readable`: whatever the caller may read; the handler finds the condition in the call's scope
 * - `parts`: each part of the body has subjects of its own (GraphQL)
 * - `all`: projects in which the caller needs the role, every one of them
 * - `registry-and`: the registry, and such projects, of which there may be none
 * - `among`: projects that are named; the handler gets those in which the caller has the role
 */
export type About<Fields = never> =
  | ("nothing" | "new-project" | "registry" | "readable" | "parts")
  | { readonly all: (fields: Fields, call: Call) => Promise<Subjects> }
  | { readonly registryAnd: (fields: Fields, call: Call) => Promise<readonly Subject[]> }
  | { readonly among: (fields: Fields, call: Call) => Promise<readonly number[]> };

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
  /** Values of the path's parameters, decoded once. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client leaves before its reply is out. */
  readonly signal: AbortSignal;
  /** Aborted when the server takes no more requests: what goes on and on ends then. */
  readonly closing: AbortSignal;
}

/** A call that is allowed. */
export interface AllowedCall extends Call {
  readonly scope: Scope;
}

/**
 * What is sent back: an object as JSON, a string as text, bytes and a stream as they come, or text that a function
 * pushes as it goes. A function is called even if the client has left, so that it can clean up.
 */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string | Uint8Array | Readable | Pushing | null;
}

/** Pushes text to the client until its promise resolves. */
export type Pushing = (push: (text: string) => void) => Promise<void>;

/** A schema, as OpenAPI has it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** In the meta of a schema: the field is required, though its own reader, and not zod, refuses a request without it. */
export const requiredMark = "x-required";

/** A route in the OpenAPI document. One without a summary does not compile. */
export interface RouteDoc {
  readonly summary: string;
  /** Media type of a body that is not JSON. */
  readonly bodyType?: string;
  /** What it returns: see `shape`. */
  readonly gives?: string | JsonSchema;
  /** Media type of what it returns, if not JSON. */
  readonly type?: string;
  /** Status of a successful reply; 200 by default. */
  readonly status?: number;
}

/** One route. Its handler and its subjects get the same fields, parsed by its schema. */
export interface Route<Fields = never> extends RouteDoc {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** `/a/:name/b` or `/a/*rest`, where `rest` includes slashes. */
  readonly path: string;
  readonly policy: Policy;
  readonly about: About<Fields>;
  /** The schema of the fields, for the parser and for the OpenAPI document; none without it. */
  readonly reads?: z.ZodType;
  /** Where the fields are: by default in the query of `GET` and `DELETE`, otherwise in the body. */
  readonly fieldsIn?: "query" | "body";
  /** Largest body that is parsed; routes that read the request themselves say 0. */
  readonly maxBodyBytes: number;
  /** Whether it answers whatever host name a request uses, on a server that is for this machine alone. */
  readonly anyHost?: boolean;
  readonly handle: (fields: Fields, call: AllowedCall) => Promise<Reply>;
}

/** A route with fields of a type: the compiler compares its schema, its subjects and its handler. */
export function fieldsRoute<Fields>(route: FieldsRoute<Fields>): Route {
  return route;
}

/** See `fieldsRoute`. */
export interface FieldsRoute<Fields> extends Route<Fields> {
  readonly reads: z.ZodType<Fields>;
}

/** Routes of one protocol, and how it words what went wrong. */
export interface Protocol {
  readonly name: string;
  /** A sentence about all of its routes. */
  readonly about: string;
  readonly routes: readonly Route[];
  /** The reply for whatever was thrown. */
  readonly refuse: (error: unknown) => Reply;
  /** The error for the first thing in a request that does not fit the route's schema. */
  readonly invalid: (issue: z.core.$ZodIssue, input: unknown) => Error;
  /** Shape of the body of an error. */
  readonly error: string | JsonSchema;
  /** Shapes by name, for `shape`; a name is used by one protocol alone. */
  readonly shapes?: Readonly<Record<string, string | JsonSchema>>;
  /** Whether bodies must announce JSON, and be UTF-8 without an exception. */
  readonly isStrict?: boolean;
  /** Whether JSON is compressed for clients that take it so. */
  readonly isCompressed?: boolean;
}

/** Thrown before or in a route: a status, a code for programs, a sentence for people. Every protocol can word it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The field of the request that it is about. */
  readonly param: string | null;
  /** Who asked, or claimed to be asking; `null`: nobody was named. */
  readonly person: string | null;

  constructor(
    status: number,
    code: string | null,
    message: string,
    {
      headers = {},
      param = null,
      person = null,
    }: Partial<Pick<Refusal, "headers" | "param" | "person">> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.param = param;
    this.person = person;
  }
}
