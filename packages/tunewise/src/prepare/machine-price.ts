/**
 * @file The hourly price of this machine, entered once by the user. It applies to recipes without a price.
 *
 *     CACHE/machine-price.json    by host name, because a home folder may be shared by several machines
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { writeWholeFile } from "@tunewise/tracker";
import * as z from "zod";
import type { Runtime } from "../runtime/index.ts";

/** The price, and the date on which it was entered. */
export interface MachinePrice {
  /** 0: the machine costs nothing. */
  readonly usdPerHour: number;
  /** ISO date. */
  readonly saidOn: string;
}

type PriceRuntime = Pick<Runtime, "now"> & {
  readonly processes: Pick<Runtime["processes"], "host">;
  readonly sources: Pick<Runtime["sources"], "cacheFolder">;
};

const maxFileBytes = 1 << 16;
const recordSchema = z.record(
  z.string(),
  z.object({ usd_per_hour: z.number().nonnegative().max(100_000), said_on: z.string().max(40) }),
);

/** Reads the price of this machine; `null` if none was entered yet. */
export async function readMachinePrice(runtime: Omit<PriceRuntime, "now">): Promise<MachinePrice | null> {
  const own = (await readPrices(runtime))[runtime.processes.host];
  return own === undefined ? null : { usdPerHour: own.usd_per_hour, saidOn: own.said_on };
}

/** Records the price of this machine. */
export async function recordMachinePrice(usdPerHour: number, runtime: PriceRuntime): Promise<MachinePrice> {
  const saidOn = runtime.now().toISOString().slice(0, 10);
  const prices = {
    ...(await readPrices(runtime)),
    [runtime.processes.host]: { usd_per_hour: usdPerHour, said_on: saidOn },
  };
  await mkdir(runtime.sources.cacheFolder, { recursive: true });
  await writeWholeFile(pathOf(runtime), `${JSON.stringify(prices)}\n`);
  return { usdPerHour, saidOn };
}

async function readPrices(runtime: Omit<PriceRuntime, "now">): Promise<z.infer<typeof recordSchema>> {
  try {
    return recordSchema.parse(JSON.parse(await readTextFile(pathOf(runtime), maxFileBytes)));
  } catch {
    return {}; // missing or damaged: the user is asked again
  }
}

function pathOf({ sources }: Pick<PriceRuntime, "sources">): string {
  return join(sources.cacheFolder, "machine-price.json");
}
