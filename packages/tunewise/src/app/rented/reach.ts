/**
 * @file The way to a rented machine: by `ssh`, with a key of its own and a configuration that names it, or through the
 * dashboard of a Ray cluster.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { replaceFile } from "@tunewise/core/files";
import { readTextFile } from "@tunewise/core/untrusted";
import { clusterShell, runRemote, sshHost } from "../../executors/index.ts";
import { problem } from "../../problem/index.ts";
import type { Provider, SshPlace } from "../../provision/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { armedCommand, renewCommand } from "./lease-command.ts";
import { recordsIn } from "./records.ts";
import type { Reach, RentalWorld } from "./world.ts";

/** How long a sign of life may take: later ones follow. */
const renewalMs = 30_000;

/** What the world of rented machines takes of the runtime. */
type Places = Pick<
  Runtime,
  "environment" | "processes" | "sources" | "now" | "note" | "signal" | "random" | "elapsedSeconds"
>;

/**
 * The world outside: a provider, records in an output folder, and ways to machines.
 *
 * @param output folder of runs
 */
export function rentalWorld(provider: Provider, output: string, runtime: Places): RentalWorld {
  return {
    provider,
    records: recordsIn(output),
    nowMs: () => runtime.now().getTime(),
    sleep: (ms) => sleep(ms),
    reach: (name, way) =>
      way.kind === "ssh" ? reachBySsh(name, way, output, runtime) : reachCluster(name, way.address, runtime),
    signal: runtime.signal,
    say: (text) => runtime.note?.(text),
  };
}

/**
 * The public key that rented machines let in; made on first use, without a passphrase, which nobody could type.
 *
 * @throws {TunewiseError} `SSH_MISSING`
 */
export async function rentalKey(output: string, { sources }: Pick<Runtime, "sources">): Promise<string> {
  const folder = join(output, "rented");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "key");
  const known = await readTextFile(`${path}.pub`, 4096).catch(() => null);
  if (known !== null) return known.trim();
  if (sources.execute === null) throw problem("SSH_MISSING", { reason: "programs are not started here" });
  const made = await sources.execute("ssh-keygen", [
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    "tunewise",
    "-f",
    path,
  ]);
  if (made.code !== 0) throw problem("SSH_MISSING", { reason: `ssh-keygen: ${made.output.trim()}` });
  return (await readTextFile(`${path}.pub`, 4096)).trim();
}

/**
 * Writes the configuration by which `ssh` reaches a machine under its name.
 *
 * Nobody has seen the machine's host key before, so that the first one is believed and no other one after it.
 *
 * @returns its path, for `TUNEWISE_SSH_CONFIG`
 */
export async function writeSshConfig(name: string, place: SshPlace, output: string): Promise<string> {
  const folder = join(output, "rented");
  const common = [
    `  IdentityFile "${join(folder, "key")}"`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    "  StrictHostKeyChecking accept-new",
    `  UserKnownHostsFile "${join(folder, `${name}.hosts`)}"`,
    "  GlobalKnownHostsFile none",
  ];
  const [, user = "", host = "", port = ""] = /^(.+)@(.+):(\d+)$/.exec(place.proxy ?? "") ?? [];
  const lines = [
    `Host ${name}`,
    ...[`  HostName ${place.host}`, `  Port ${place.port}`, `  User ${place.user}`, `  HostKeyAlias ${name}`],
    ...common,
    // by a command, since a jump would not be told of this file
    ...(place.proxy === null
      ? []
      : [`  ProxyCommand ssh -F "${join(folder, `${name}.ssh`)}" -W %h:%p ${name}-host`]),
    ...(place.proxy === null
      ? []
      : [`Host ${name}-host`, `  HostName ${host}`, `  Port ${port}`, `  User ${user}`, ...common]),
  ];
  const path = join(folder, `${name}.ssh`);
  await mkdir(folder, { recursive: true });
  await replaceFile(path, `${lines.join("\n")}\n`);
  return path;
}

function reachBySsh(
  name: string,
  place: SshPlace,
  output: string,
  { environment, processes }: Places,
): Reach {
  return leaseBy(async (line) => {
    const TUNEWISE_SSH_CONFIG = await writeSshConfig(name, place, output);
    const host = sshHost(`ssh://${name}`, {
      environment: { ...environment, TUNEWISE_SSH_CONFIG },
      processes,
    });
    return runRemote(host, ["sh", "-c", line]);
  });
}

/** The head of a cluster counts the lease of all its nodes. */
function reachCluster(name: string, address: string, runtime: Places): Reach {
  let shell: Awaited<ReturnType<typeof clusterShell>> | null = null;
  return leaseBy(async (line) => {
    shell ??= await clusterShell(address, name, runtime);
    return shell(line);
  });
}

/** @param shell runs a line of a shell on the machine */
function leaseBy(
  shell: (line: string) => Promise<{ readonly code: number; readonly stderr: string }>,
): Reach {
  const run = async (line: string): Promise<string | null> => {
    const late = AbortSignal.timeout(renewalMs);
    const limit = new Promise<never>((_, reject) => {
      late.addEventListener("abort", () => reject(new Error(`no answer within ${renewalMs / 1000} s`)));
    });
    const { code, stderr } = await Promise.race([shell(line), limit]);
    return code === 0 ? null : stderr.trim() || `exit code ${code}`;
  };
  return {
    leaseFault: () => run(armedCommand),
    renew: async () => {
      const fault = await run(renewCommand);
      if (fault !== null) throw new Error(fault);
    },
  };
}
