/** @file Selects the refused requests that the audit records. */

import type { Answered } from "../../http/index.ts";
import { notVisible } from "../../http/index.ts";
import type { RefusedRequest } from "../../index.ts";

/**
 * Returns a refused request for the audit: 401, 403, or 404 for something that the caller may not see. Returns `null`
 * for requests that were answered or malformed.
 */
export function refusedRequest({ refusal, request, method, path }: Answered): RefusedRequest | null {
  if (refusal === null) return null;
  const { status, code, message: reason, person } = refusal;
  if (status !== 401 && status !== 403 && code !== notVisible) return null;
  const address = request.socket.remoteAddress ?? "an unknown address";
  return { status, person: person ?? "", address, what: `${method} ${path}`, reason };
}
