/** @file Faults between a client and an API server. */

/** A request to the server. */
export interface ServerCall {
  readonly method: string;
  /** Including the query. */
  readonly path: string;
}

/** The fault that a request meets. */
export type KubeFault =
  /** The server executes the request, and the connection breaks before the response. */
  | { readonly kind: "lose-answer" }
  /** The connection breaks before the request reaches the server. */
  | { readonly kind: "lose-request" }
  /** The request is refused with a `Status` before it reaches the server. */
  | { readonly kind: "refuse"; readonly status: number; readonly message: string }
  /** The response is delayed. */
  | { readonly kind: "delay"; readonly ms: number };

/** Selects the fault of each request; `null`: none. */
export type KubeFaults = (asked: ServerCall) => KubeFault | null;
