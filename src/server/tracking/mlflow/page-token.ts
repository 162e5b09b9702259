/** @file Where the next page begins, as a word that clients hand back without reading it. */
import type { Point } from "../../../track/index.ts";
import { invalid } from "./fields.ts";

/** A token for a page that begins after so many items. */
export function offsetToken(offset: number): string {
  return encode({ offset });
}

/**
 * The offset of a token; 0 where there is none.
 *
 * @throws {MlflowError} for a token that is none of ours
 */
export function readOffset(token: string | undefined): number {
  if (!token) return 0;
  const { offset } = decode(token);
  if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number;
  throw invalid("page_token", token);
}

/** A token for a page that begins behind a point. */
export function pointToken({ step, ms, value }: Point): string {
  return encode({ step, ms, value: Object.is(value, -0) ? "-0" : String(value) });
}

/**
 * The point of a token; `null` where there is none.
 *
 * @throws {MlflowError} for a token that is none of ours
 */
export function readPoint(token: string | undefined): Point | null {
  if (!token) return null;
  const { step, ms, value } = decode(token);
  if (Number.isSafeInteger(step) && Number.isSafeInteger(ms) && typeof value === "string") {
    return { step: step as number, ms: ms as number, value: Number(value) };
  }
  throw invalid("page_token", token);
}

function encode(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

const lettersMost = 500;

function decode(token: string): Readonly<Record<string, unknown>> {
  try {
    const place: unknown =
      token.length <= lettersMost && JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof place === "object" && place !== null) return place as Record<string, unknown>;
  } catch {
    // said below
  }
  throw invalid("page_token", token);
}
