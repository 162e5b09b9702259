/**
 * @file Ends a command whose supervisors are lost one after the other: asked to save, then by force.
 */
import { setTimeout as wait } from "node:timers/promises";
import { adoptCommand } from "./begin-command.ts";
import type { Machine } from "./machine.ts";
import { spentUsd } from "./meter/meter.ts";
import type { RunMeter } from "./meter/meter-file.ts";
import { MeterKeeper } from "./meter/meter-keeper.ts";
import { endTree, interruptGroup, type TreeEnd } from "./processes/end-tree.ts";
import { RunWatch } from "./processes/run-watch.ts";
import { commandExit } from "./processes/start-command.ts";

/** Between two looks whether it has ended by itself. */
const lookMs = 100;

/** Ends the tree of a run and writes down what it took, each millisecond once: from the last tick that was written. */
export async function endWithoutSupervisor(
  folder: string,
  found: RunMeter,
  machine: Machine,
): Promise<{ readonly killed: number; readonly left: number }> {
  const keeper = new MeterKeeper(folder, machine, found);
  const processes = new RunWatch(machine, found);
  const adopted = await adoptCommand(folder, found, machine);
  const leader = adopted?.leader ?? found.leader;
  const look = (): ReturnType<RunWatch["look"]> => processes.look({ ...keeper.meter, leader });
  keeper.advance(adopted?.isRunning === false ? adopted.unwatchedMs : undefined);
  const { tickedMs: atMs, tickedAt: at } = keeper.meter;
  const stop = { reason: "meter-lost", at, atMs, spentMicroUsd: spentUsd(keeper.meter), told: true } as const;
  await keeper.saveOrHold({ leader, status: "stopping", stop: found.stop ?? stop });
  if (leader) await interruptGroup(machine, leader, look);
  while (!(await look()).isEmpty && machine.monotonicMs() < atMs + found.graceMs) {
    await wait(Math.min(lookMs, found.graceMs));
    keeper.advance();
  }
  const { ended: killed, left }: TreeEnd = await endTree(machine, processes, look);
  keeper.advance();
  const commandExitCode = commandExit(folder)?.code ?? null;
  const endedAt = machine.now().toISOString();
  await keeper.saveOrHold({ status: "ended", endedAt, left, killed, commandExitCode });
  return { killed, left };
}
