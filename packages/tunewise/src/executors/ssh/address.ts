/** @file Address of a machine that is reached by `ssh`: `ssh://user@host:port`. */
import { problem } from "../../problem/index.ts";

/** A validated address: no part of it can be mistaken for a command-line option. */
export interface SshAddress {
  /** Normalized address. */
  readonly text: string;
  readonly host: string;
  /** User name; `null` for the one of the `ssh` configuration. */
  readonly user: string | null;
  readonly port: number | null;
}

/** Names of hosts and of `Host` entries, IPv4 and bracketed IPv6 addresses; names of users. */
const form =
  /^ssh:\/\/(?:([A-Za-z0-9_][A-Za-z0-9._-]{0,63})@)?([A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?\/?$/;

/**
 * Parses an address.
 *
 * @throws {TunewiseError} `SSH_ADDRESS_INVALID`
 */
export function parseSshAddress(text: string): SshAddress {
  const [found, user, bracketed, port] = form.exec(text) ?? [];
  if (
    found === undefined ||
    bracketed === undefined ||
    Number(port ?? 22) > 65_535 ||
    Number(port ?? 22) === 0
  )
    throw problem("SSH_ADDRESS_INVALID", { address: text.slice(0, 200) });
  return {
    text: found.replace(/\/$/, ""),
    host: bracketed.replace(/^\[|\]$/g, ""),
    user: user ?? null,
    port: port === undefined ? null : Number(port),
  };
}

/** Command line with which the user can connect to it. */
export function sshLine({ host, user, port }: SshAddress): string {
  return `ssh ${port === null ? "" : `-p ${port} `}${user === null ? "" : `${user}@`}${host}`;
}
