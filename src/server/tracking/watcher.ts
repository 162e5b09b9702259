/**
 * @file Who is told of a server's requests and connections.
 */

/** A request that was answered. */
export interface Answered {
  readonly protocol: string;
  /** The route's pattern, or `null` where there is none. */
  readonly route: string | null;
  /** As the client sent it. */
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Is told, and changes nothing. */
export interface Watcher {
  readonly answered: (request: Answered) => void;
  readonly connections: (open: number) => void;
}
