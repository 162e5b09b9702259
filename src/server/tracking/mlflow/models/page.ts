/** @file Pages of a search. A token is opaque to clients: base64 of a JSON text that says where to go on. */
import { type Fields, invalid, wholeField } from "../fields.ts";
import { boundedText } from "./checks.ts";

/** Which part of what a search finds. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** How many are asked for at once where nothing is said, and at most. */
export interface PageLimits {
  readonly usual: number;
  /** More is refused. */
  readonly refusedAbove: number;
  /** No more come on one page; the token leads on. */
  readonly most: number;
}

/** Nothing of anybody's has that many rows. */
const offsetMost = 1_000_000_000;

/** The page that a request asks for. */
export function readPage(fields: Fields, { usual, refusedAbove, most }: PageLimits): Page {
  const asked = wholeField(fields, "max_results") ?? usual;
  if (asked < 1 || asked > refusedAbove) {
    throw invalid("max_results", asked, `it must be from 1 to ${refusedAbove}`);
  }
  const token = boundedText(fields, "page_token", 1000) ?? "";
  return { limit: Math.min(asked, most), offset: token === "" ? 0 : offsetOf(token) };
}

/** What fits on the page of what was found, one more than fits, and the token that leads on. */
export function pageOf<Item>(
  { limit, offset }: Page,
  found: readonly Item[],
): { items: readonly Item[]; token: string | undefined } {
  const token =
    found.length > limit
      ? Buffer.from(JSON.stringify({ offset: offset + limit })).toString("base64")
      : undefined;
  return { items: found.slice(0, limit), token };
}

function offsetOf(token: string): number {
  try {
    const { offset } = JSON.parse(Buffer.from(token, "base64").toString("utf8")) as { offset?: unknown };
    if (Number.isInteger(offset) && Number(offset) >= 0 && Number(offset) <= offsetMost)
      return Number(offset);
  } catch {
    // said below
  }
  throw invalid("page_token", token);
}
