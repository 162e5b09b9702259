/**
 * @file A route of the tracking server: what it answers to, who may call it, how it answers.
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ProtocolDocs, RouteDoc } from "./openapi/doc.ts";

/**
 * Who may call a route: `open` anybody who reaches the server; `read` and `write` those who may read or write what the
 * route is about; `admin` those who run the server. A route without a policy does not compile, and one with an unknown
 * policy keeps the server from starting.
 */
export type Policy = "open" | "read" | "write" | "admin";

/** Who calls, as far as the server knows. */
export interface Caller {
  readonly name: string;
  readonly isAdmin: boolean;
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
  /** Largest body that `json` reads; routes that read the request themselves say 0. */
  readonly bodyBytesMost: number;
  readonly handle: (call: Call) => Promise<Reply>;
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
