/** @file `tunewise runs sweep`: rented machines, and the hourly cost of orphaned ones. */
import { resolve } from "node:path";
import { type Usd, usdText } from "@tunewise/core/quantity";
import { defaultOutput } from "@tunewise/tracker";
import { type RentalWorld, rentalWorld, type SweptMachine, sweepMachines } from "../../app/rented/index.ts";
import { isRayAddress } from "../../executors/index.ts";
import { openProvider } from "../../provision/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { askYes, runtimeOf } from "./context.ts";

/** Shows every machine with tunewise's tag, and deletes orphaned ones. */
export async function handleSweep(call: Call, console: Console): Promise<number> {
  if (isRayAddress(textFlag(call, "on") ?? ""))
    return (await import("./sweep-cluster.ts")).handleClusterSweep(call, console);
  const runtime = runtimeOf(console);
  const output = resolve(console.io.cwd, textFlag(call, "output") ?? defaultOutput);
  const access = { environment: runtime.environment, fetch: globalThis.fetch, usdPerHour: null };
  const provider = await openProvider(textFlag(call, "on") ?? "", access);
  const world = rentalWorld(provider, output, runtime);
  const found = await sweepMachines(world, () => false);
  const left = found.filter(({ standing }) => standing !== "at-work");
  const isEnded = isOn(call, "delete") && left.length > 0 && (await mayEnd(left, call, console));
  if (console.json) console.document({ provider: provider.address, machines: found, ended: isEnded });
  else console.result(found.length === 0 ? "no machine carries our tag" : sweepText(found, console));
  if (isEnded) await endAll(left, world, console);
  else if (left.length > 0 && !console.json)
    console.info(`\nnext: tunewise runs sweep --on ${plain(provider.address)} --delete`);
  return DONE;
}

async function mayEnd(left: readonly SweptMachine[], call: Call, console: Console): Promise<boolean> {
  if (isOn(call, "yes")) return true;
  if (!console.canAsk) return false;
  return askYes(`End ${left.map(({ name }) => name).join(", ")}?`, "runs sweep --delete");
}

async function endAll(left: readonly SweptMachine[], world: RentalWorld, console: Console): Promise<void> {
  const names = new Set(left.map(({ name }) => name));
  await sweepMachines(world, ({ name }) => names.has(name));
  if (!console.json) console.result(`\n${[...names].join(", ")}: gone, their provider said twice`);
}

function sweepText(found: readonly SweptMachine[], console: Console): string {
  const money = (sum: Usd | null): string => (sum === null ? "unknown" : usdText(sum));
  const isPaid = ({ standing }: SweptMachine): boolean => standing === "orphan" || standing === "unknown";
  const orphans = found.filter(isPaid);
  const rate = orphans.reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0) as Usd;
  const table = fittedTable(
    ["machine", "standing", "#an hour", "#cost so far", ["since", 2], ["state", 1]],
    found.map(({ name, standing, usdPerHour, spentUsd, createdMs, detail }) => [
      ...[plain(name), standing, money(usdPerHour), money(spentUsd)],
      ...[createdMs === null ? "" : new Date(createdMs).toISOString(), plain(detail)],
    ]),
    console.tableColumns,
  );
  return orphans.length === 0
    ? table
    : `${table}\n\nnobody looks after ${orphans.length} of them: ${usdText(rate)} an hour`;
}
