/** @file Addresses of projects on a dstack server: `dstack://HOST:PORT/PROJECT`. */
import { problem } from "../../problem/index.ts";

/** A project on a server. */
export interface DstackAddress {
  /** Normalized address. */
  readonly text: string;
  /** Base URL of requests. */
  readonly url: string;
  readonly project: string;
  /** Whether the server is on this machine. */
  readonly isHere: boolean;
}

const form =
  /^dstack(?:\+(https?))?:\/\/((?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?)\/([A-Za-z0-9][A-Za-z0-9_-]{0,60})\/?$/;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Whether a text has the scheme of such an address. */
export function isDstackAddress(text: string): boolean {
  return /^dstack(\+https?)?:/.test(text);
}

/**
 * Parses an address. The default protocol is HTTPS, or HTTP if the server is on this machine: a token is never sent
 * over a network unencrypted unless the address explicitly says `http`.
 *
 * @throws {TunewiseError} `PROVIDER_ADDRESS_INVALID`
 */
export function parseDstackAddress(text: string): DstackAddress {
  const [found, scheme, host = "", project = ""] = form.exec(text) ?? [];
  if (found === undefined) throw problem("PROVIDER_ADDRESS_INVALID", { address: text.slice(0, 200) });
  const isHere = loopback.test(host);
  const url = `${scheme ?? (isHere ? "http" : "https")}://${host}`;
  return { text: found.replace(/\/$/, ""), url, project, isHere };
}
