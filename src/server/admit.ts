/** @file Who may come in: those with the key, or, where there is none, programs of this machine alone. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Refusal, refusal } from "./refusal.ts";

/** Says no, or `null` to come in. */
export type Door = (request: IncomingMessage) => Refusal | null;

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** A door with a key, or one for this machine. */
export function createDoor(key: string | null): Door {
  return key === null ? loopbackDoor : keyDoor(key);
}

/**
 * A page in a browser may lead a name of its own to this machine, and would then be let in as one of its programs. The
 * name it calls gives it away.
 *
 * @source Jackson et al. 2007, Protecting Browsers from DNS Rebinding Attacks, section 5.3: check the Host header
 */
function loopbackDoor({ headers }: IncomingMessage): Refusal | null {
  const name = (headers.host ?? "").replace(/:\d*$/, "");
  if (isLoopback(name)) return null;
  return refusal(403, "host_not_allowed", "This server answers calls to localhost alone.");
}

function keyDoor(key: string): Door {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digest(key);
  return ({ headers }) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return null;
    const message = "The API key is missing or wrong; send it as Authorization: Bearer KEY.";
    return refusal(401, "invalid_api_key", message, { headers: { "www-authenticate": "Bearer" } });
  };
}
