/** @file Where the next page begins, as a token that clients hand back without reading it. */

import type { Point } from "@tunewise/tracker";
import type { z } from "zod";
import { textBy, ValidationError } from "./fields.ts";

/** A token for a page that begins after so many items. */
export function offsetToken(offset: number): string {
  return encode({ offset });
}

/** Nobody has that many rows. */
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

/** What fits on a page of what was found, one more than fits, and the token that leads on. */
export function pageOf<Item>(
  found: readonly Item[],
  limit: number,
  offset: number,
): { readonly items: readonly Item[]; readonly token: string | undefined } {
  const token = found.length > limit ? offsetToken(offset + limit) : undefined;
  return { items: found.slice(0, limit), token };
}

/** A token for a page that begins behind a point. */
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
    // reported below
  }
  throw new ValidationError(token);
}
