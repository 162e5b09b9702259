/**
 * @file What answering a GraphQL request takes.
 */
import type { IncomingMessage } from "node:http";
import type { Desk } from "../../../flow/index.ts";
import type { Caller } from "../route.ts";
import type { FileLinks, LinkMode } from "./file-links.ts";

/** The call that a root field belongs to. */
export interface WandbCall {
  readonly desk: Desk;
  readonly caller: Caller;
  /** A whole address under which one file can be sent or fetched for a day. */
  readonly link: (mode: LinkMode, key: string) => Promise<string>;
}

/** The call of a request; addresses lead to where the request came in. */
export function callOf(
  desk: Desk,
  caller: Caller,
  links: FileLinks,
  { headers }: IncomingMessage,
): WandbCall {
  const scheme = headers["x-forwarded-proto"] === "https" ? "https" : "http";
  const base = `${scheme}://${headers.host ?? "localhost"}`;
  return { desk, caller, link: async (mode, key) => base + (await links.make(mode, key)) };
}
