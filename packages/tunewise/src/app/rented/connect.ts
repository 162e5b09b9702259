/**
 * @file Reaches a rented machine by `ssh`, with its own key and configuration, or through the dashboard of a Ray
 * cluster.
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
import type { Reach, RentalWorld } from "./dependencies.ts";
import { armedCommand, renewCommand } from "./lease-command.ts";
import { recordsIn } from "./records.ts";

/** Timeout of a renewal. Later renewals follow. */
const renewalMs = 30_000;

/** The parts of the runtime that renting uses. */
type Places = Pick<
  Runtime,
  "environment" | "processes" | "sources" | "now" | "note" | "signal" | "random" | "elapsedSeconds"
>;

/**
 * Creates the real world of rented machines: a provider, records in an output folder, and connections to machines.
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
 * Returns the public key that rented machines accept. It is created on first use, without a passphrase, because runs
 * are unattended.
 *
 * @throws {TunewiseError} `SSH_MISSING`
 */
export async function rentalKey(output: string, { sources }: Pick<Runtime, "sources">): Promise<string> {
  const folder = join(output, "rented");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "key");
  const known = await readTextFile(`${path}.pub`, 4096).catch(() => null);
  if (known !== null) return known.trim();
  if (sources.execute === null)
    throw problem("SSH_MISSING", { reason: "this process may not start programs" });
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
 * Writes the configuration with which `ssh` reaches a machine by its name.
 *
 * The machine's host key is not known in advance. `ssh` accepts the first key and refuses any other later.
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
    // a command instead of a jump, which would not use this configuration file
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

/** The head node of a cluster tracks the lease for all nodes. */
function reachCluster(name: string, address: string, runtime: Places): Reach {
  let shell: Awaited<ReturnType<typeof clusterShell>> | null = null;
  return leaseBy(async (line) => {
    shell ??= await clusterShell(address, name, runtime);
    return shell(line);
  });
}

/** @param shell runs a shell command line on the machine */
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
