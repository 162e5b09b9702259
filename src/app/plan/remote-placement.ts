/** @file Another machine as the place of a run: asked what it has before anything is approved for it or paid. */
import { inspectHost } from "../../executors/index.ts";
import type { RemoteHost, TorchPlacement } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** How long a worker there goes on alone, unless said otherwise. */
const defaultLeaseSeconds = 600;
/** Events of four steps: a guard's stop acts at most so many steps late, and a round trip costs no step. */
const eventsAhead = 8;

/** What a user may say about a machine. */
export interface RemoteOptions {
  readonly leaseSeconds: number | null;
  readonly onLeaseEnd: string | null;
  readonly recompute: TorchPlacement["recompute"];
}

/**
 * The worker on PyTorch on another machine.
 *
 * @param address such as `ssh://user@host`
 * @throws {TunewiseError} `SSH_ADDRESS_INVALID`, `SSH_UNREACHABLE`, `SSH_DENIED`, `SSH_HOST_KEY_CHANGED`,
 *   `SSH_HOST_KEY_UNKNOWN`, `REMOTE_PYTHON_UNFIT`
 */
export async function remotePlacement(
  address: string,
  { leaseSeconds, onLeaseEnd, recompute }: RemoteOptions,
  runtime: Pick<Runtime, "environment" | "sources">,
): Promise<TorchPlacement> {
  const { device } = await inspectHost(address, runtime);
  const dtype = device === "cuda" ? "bfloat16" : "float32";
  const host: RemoteHost = {
    address,
    leaseSeconds: leaseSeconds ?? defaultLeaseSeconds,
    ...{ onLeaseEnd, eventsAhead },
  };
  return { kind: "torch", device, dtype, recompute, processes: 1, host };
}
