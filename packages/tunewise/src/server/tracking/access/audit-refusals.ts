/** @file Which answered requests are refusals that the audit notes. */
import type { RefusedRequest } from "../../../app/tracking/index.ts";
import { notVisible } from "../../http/authorize.ts";
import type { Answered } from "../../http/serve.ts";

/**
 * The refusal of a request; `null` where it was answered, or could not be understood: 401, 403, and 404 for what the
 * caller may not see, there or not.
 */
export function refusedRequest({ refusal, request, method, path }: Answered): RefusedRequest | null {
  if (refusal === null) return null;
  const { status, code, message: reason, person } = refusal;
  if (status !== 401 && status !== 403 && code !== notVisible) return null;
  const address = request.socket.remoteAddress ?? "an unknown address";
  return { status, person: person ?? "", address, what: `${method} ${path}`, reason };
}
