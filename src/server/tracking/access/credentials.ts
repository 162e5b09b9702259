/**
 * @file What a request says about who sends it.
 *
 * @source RFC 7617 (Basic), RFC 6750 (Bearer); W&B's clients send Basic `api:TOKEN`, MLflow's either
 */
import type { IncomingMessage } from "node:http";
import { tokenDigest } from "../../../track/index.ts";

/** A name with a password, or a token, by its hash, with the name that stands before it, if any. */
export type Credentials =
  | { readonly name: string; readonly password: string }
  | { readonly name: string | null; readonly digest: string };

/** The name under which W&B's clients send everybody's token. */
const anyName = "api";
/** A header that is longer was written by nobody's client. */
const lettersMost = 4096;

/** The credentials of a request; `null` where there are none, or they cannot be understood. */
export function credentialsOf({ headers }: Pick<IncomingMessage, "headers">): Credentials | null {
  const header = headers.authorization ?? "";
  if (header.length > lettersMost) return null;
  const [, scheme = "", value = ""] = /^(basic|bearer) +([\w+/=.~-]+)$/i.exec(header.trim()) ?? [];
  if (scheme.toLowerCase() === "bearer") {
    const digest = tokenDigest(value);
    return digest === null ? null : { name: null, digest };
  }
  if (scheme === "") return null;
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  const [name, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  const digest = tokenDigest(secret);
  if (digest !== null) return { name: name === anyName || name === "" ? null : name, digest };
  return { name, password: secret };
}
