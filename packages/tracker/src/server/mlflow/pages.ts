/** @file Page tokens: the start of the next page, as an opaque token that clients send back. */

import type { z } from "zod";
import type { Point } from "../../index.ts";
import { textBy, ValidationError } from "./fields.ts";

/** Token of a page that begins after the given number of items. */
export function offsetToken(offset: number): string {
  return encode({ offset });
}

/** Larger offsets are refused as invalid. */
const maxOffset = 1_000_000_000;

/** The offset of a `page_token`; 0 if there is none. */
export const offset: z.ZodType<number> = textBy((token) => {
  if (!token) return 0;
  const { offset } = decode(token);
  if (Number.isSafeInteger(offset) && (offset as number) >= 0 && (offset as number) <= maxOffset) {
    return offset as number;
  }
  throw new ValidationError(token);
});

/** Returns a page and the token of the next one. @param found items, one more than `limit` if there are more pages */
export function pageOf<Item>(
  found: readonly Item[],
  limit: number,
  offset: number,
): { readonly items: readonly Item[]; readonly token: string | undefined } {
  const token = found.length > limit ? offsetToken(offset + limit) : undefined;
  return { items: found.slice(0, limit), token };
}

/** Token of a page that begins after a point. */
export function pointToken({ step, ms, value }: Point): string {
  return encode({ step, ms, value: Object.is(value, -0) ? "-0" : String(value) });
}

/** The point of a `page_token`; `null` if there is none. */
export const afterPoint: z.ZodType<Point | null> = textBy((token) => {
  if (!token) return null;
  const { step, ms, value } = decode(token);
  if (Number.isSafeInteger(step) && Number.isSafeInteger(ms) && typeof value === "string") {
    return { step: step as number, ms: ms as number, value: Number(value) };
  }
  throw new ValidationError(token);
});

function encode(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

const maxTokenLength = 500;

function decode(token: string): Readonly<Record<string, unknown>> {
  try {
    const position: unknown =
      token.length <= maxTokenLength && JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof position === "object" && position !== null) return position as Record<string, unknown>;
  } catch {
    // thrown below
  }
  throw new ValidationError(token);
}
