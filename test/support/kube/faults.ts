/** @file What may go wrong between a client and an API server. */

/** A request, as the server is asked. */
export interface AskedOfServer {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** What happens to a request. */
export type KubeFault =
  /** The server does what it is asked, and the connection breaks before it answers. */
  | { readonly kind: "lose-answer" }
  /** The connection breaks before the server hears of it. */
  | { readonly kind: "lose-request" }
  /** It is refused before the server hears of it, with a `Status`. */
  | { readonly kind: "refuse"; readonly status: number; readonly message: string }
  /** It takes longer. */
  | { readonly kind: "delay"; readonly ms: number };

/** Says what happens to each request; `null`: nothing. */
export type KubeFaults = (asked: AskedOfServer) => KubeFault | null;
