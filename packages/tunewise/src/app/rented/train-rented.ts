/** @file Trains a run on a machine rented for it. */
import { join } from "node:path";
import type { Usd } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { Runtime } from "../../runtime/index.ts";
import { remoteSite } from "../plan/index.ts";
import { chargeMachine } from "../tracking/index.ts";
import type { RunOutcome, TrainAt } from "../train/index.ts";
import type { RentalWorld } from "./dependencies.ts";
import type { Receipt } from "./records.ts";
import { type ReadyMachine, type RentalRequest, withRentedMachine } from "./rent.ts";

/** Inputs of training on a rented machine. */
export interface RentedTraining {
  readonly request: RentalRequest;
  readonly world: RentalWorld;
  /** Folder of runs. */
  readonly output: string;
  readonly sharding: Parameters<typeof remoteSite>[2];
  /** Number of processes; `null` means one per GPU, or one per machine without GPUs. */
  readonly processes: Parameters<typeof remoteSite>[1]["processes"];
  readonly watch: (event: EventBody) => void;
  /** Receives the receipt when the machine is gone. */
  readonly onGone: (receipt: Receipt) => void;
}

/**
 * Rents the machine, trains on it, and ends it. Charges the run for the time after the run's own meter stopped, even if
 * the training failed.
 *
 * @throws {TunewiseError} what `withRentedMachine`, `remoteSite` and `train` throw
 */
export async function trainRented(
  { request, world, output, sharding, processes, watch, onGone }: RentedTraining,
  runtime: Runtime,
  train: TrainAt,
): Promise<RunOutcome> {
  let run: string | null = null;
  /** When the run's own meter stopped; `null` while it runs. */
  let sinceMs: number | null = null;
  let usdPerHour = 0 as Usd;
  const work = async (machine: ReadyMachine): Promise<RunOutcome> => {
    usdPerHour = machine.terms.usdPerHour;
    const signal = AbortSignal.any([runtime.signal, machine.signal]);
    const { address, place } = reached(machine, output, { ...runtime, signal });
    const { needs } = request;
    const each = needs.machines * Math.max(1, needs.gpuCount);
    const options = {
      leaseSeconds: machine.terms.workerLeaseSeconds,
      onLeaseEnd: null,
      storage: needs.volume?.path ?? null,
      processes: processes ?? (needs.machines > 1 ? { least: each, most: each } : null),
    };
    try {
      const site = await remoteSite(address, options, sharding, place);
      return await train(site, place, (event) => {
        if (event.kind === "run-start") run = event.runId;
        watch(event);
      });
    } finally {
      sinceMs = world.nowMs();
    }
  };
  return withRentedMachine(request, world, work, async (receipt) => {
    if (run !== null && sinceMs !== null)
      await chargeMachine({ run, sinceMs, usdPerHour }, receipt, output, runtime);
    onGone(receipt);
  });
}

/**
 * Returns the address of a machine and a runtime for it. `ssh` resolves the name by the machine's own configuration.
 */
function reached(
  { name, way }: ReadyMachine,
  output: string,
  runtime: Runtime,
): { readonly address: string; readonly place: Runtime } {
  if (way.kind === "ray") return { address: way.address, place: runtime };
  const TUNEWISE_SSH_CONFIG = join(output, "rented", `${name}.ssh`);
  const environment = { ...runtime.environment, TUNEWISE_SSH_CONFIG };
  return { address: `ssh://${name}`, place: { ...runtime, environment } };
}
