/** @file A real `sshd` on a loopback port as an unprivileged process with its own keys and cache. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectTo, createServer, type Server } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Path of `sshd`, if there is one. */
export const sshd: string | undefined = [
  process.env["TUNEWISE_SSHD"],
  "/usr/sbin/sshd",
  "/usr/local/sbin/sshd",
].find((path) => path !== undefined && existsSync(path));

/** A machine reached by `ssh`. */
export interface SshServer {
  /** Such as `ssh://user@127.0.0.1:2222`. */
  readonly address: string;
  /** Environment of clients: an `ssh` that knows the key and the host. */
  readonly environment: Record<string, string | undefined>;
  /** The cache folder on the server. */
  readonly cache: string;
  readonly folder: string;
  /** Kills every `ssh` process started since the last call. Returns how many were alive. */
  killConnections(): number;
  stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param folder an empty folder
 * @param python the worker's Python on the server
 */
export async function startSshServer(folder: string, python: string | undefined): Promise<SshServer> {
  const file = (name: string): string => join(folder, name);
  const cache = file("cache");
  for (const one of [folder, cache, file("bin")]) mkdirSync(one, { recursive: true });
  for (const key of ["host_key", "user_key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file(key)]);
  writeFileSync(file("authorized_keys"), readFileSync(file("user_key.pub")));
  const hostKey = readFileSync(file("host_key.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(file("known_hosts"), `tunewise-test ${hostKey}\n`);
  const port = await freePort();
  writeFileSync(
    file("sshd_config"),
    [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${file("host_key")}`, "PidFile none"],
      ...[
        `AuthorizedKeysFile ${file("authorized_keys")}`,
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
      ],
      ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "MaxStartups 100"],
      `SetEnv TUNEWISE_CACHE=${cache}`,
    ].join("\n"),
  );
  writeFileSync(
    file("ssh_config"),
    [
      ...["Host *", `IdentityFile ${file("user_key")}`, "IdentitiesOnly yes", "IdentityAgent none"],
      ...[
        `UserKnownHostsFile ${file("known_hosts")}`,
        "GlobalKnownHostsFile none",
        "HostKeyAlias tunewise-test",
      ],
    ].join("\n"),
  );
  // `ssh` always reads its configuration from the user's home, so a wrapper names the file
  writeFileSync(
    file("bin/ssh"),
    `#!/bin/sh\necho $$ >> ${file("pids")}\nexec /usr/bin/ssh -F ${file("ssh_config")} "$@"\n`,
  );
  chmodSync(file("bin/ssh"), 0o755);
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true }); // sshd's privilege separation directory
  const server = spawn(sshd ?? "", ["-D", "-e", "-f", file("sshd_config")], { stdio: "ignore" });
  await untilOpen(port, server);
  let seen = 0;
  return {
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    cache,
    folder,
    environment: {
      ...process.env,
      PATH: `${file("bin")}:${process.env["PATH"]}`,
      TUNEWISE_REMOTE_PYTHON: python,
    },
    killConnections: () => {
      const pids = readFileSync(file("pids"), "utf8").trim().split("\n").map(Number);
      const fresh = pids.slice(seen);
      seen = pids.length;
      return fresh.filter(kill).length;
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      if (server.exitCode === null && server.kill()) await ended;
    },
  };
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // the process has ended by itself
  }
}

async function untilOpen(port: number, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200 && server.exitCode === null; attempt++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connectTo(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error("sshd does not listen");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A proxy port with latency in both directions. */
export interface SlowLine {
  readonly port: number;
  /** Number of connections that were cut. */
  cuts(): number;
  close(): void;
}

/**
 * Opens a slow proxy to a port of this machine.
 *
 * @param delayMs latency of each direction
 * @param maxBytes bytes after which each of the first three connections is cut
 */
export function slowLine(
  port: number,
  delayMs: number,
  maxBytes: number = Number.POSITIVE_INFINITY,
): Promise<SlowLine> {
  let cuts = 0;
  return new Promise((resolve, reject) => {
    const server: Server = createServer((near) => {
      const far = connectTo(port, "127.0.0.1");
      let carried = 0;
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on("data", (part) => {
          carried += part.length;
          if (carried > maxBytes && cuts < 3) {
            cuts++;
            near.destroy();
            far.destroy();
          } else setTimeout(() => to.writable && to.write(part), delayMs);
        });
        from.on("close", () => setTimeout(() => to.destroy(), delayMs));
        from.on("error", () => undefined);
      }
    });
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as { port: number }).port,
        cuts: () => cuts,
        close: () => void server.close(),
      });
    });
  });
}
