/**
 * @file Machines of a dstack project. A machine is a task in its own fleet, and both have the machine's name. The
 * task's status shows whether its program runs; the fleet's instances show what is paid for.
 */

import { seconds } from "@tunewise/core/quantity";
import { z } from "zod";
import { problem } from "../../problem/index.ts";
import { tag } from "../names.ts";
import type { Guarantee, MachineNeeds, Offer, Provider, RentedMachine } from "../provider.ts";
import { type DstackAddress, parseDstackAddress } from "./address.ts";
import { type DstackAccess, DstackClient } from "./client.ts";
import {
  type DstackFleet,
  type DstackRun,
  finished,
  fleetSchema,
  fleetSpec,
  offerOf,
  planSchema,
  planSpec,
  priceOf,
  runSchema,
  runSpec,
  wayOf,
} from "./wire.ts";

/**
 * Time limits of a server, in seconds. On most clouds it allows 10 to 20 minutes for a machine to start. It stops a job
 * 2 minutes after its deadline if the machine itself has not, and checks jobs and machines every few seconds.
 *
 * @source dstack 0.22.5, server/background/pipeline_tasks: common.py, jobs_running.py, instances/common.py
 */
const [startingSeconds, endingSeconds, givesUpSeconds] = [1200, 300, 900];
/** Max. offers per request, entries per page of a list, and pages. */
const [offersMost, pageLength, pagesMost] = [50, 100, 100];

const anything: z.ZodType<unknown> = z.unknown();

/**
 * Opens the provider of a project.
 *
 * @param address such as `dstack://host:3000/main`
 * @throws {TunewiseError} `PROVIDER_ADDRESS_INVALID`, `PROVIDER_DENIED`
 */
export async function dstackProvider(address: string, access: DstackAccess): Promise<Provider> {
  const parsed = parseDstackAddress(address);
  return new DstackProvider(await DstackClient.at(parsed, access));
}

class DstackProvider implements Provider {
  readonly address: string;
  readonly guarantee: Guarantee;
  readonly #client: DstackClient;

  constructor(client: DstackClient) {
    this.address = client.address.text;
    this.guarantee = guaranteeOf(client.address);
    this.#client = client;
  }

  async offers(needs: MachineNeeds): Promise<readonly Offer[]> {
    if (needs.machines > 1 || needs.volume !== null)
      throw problem("PROVIDER_REFUSED", {
        address: this.address,
        what: `rent ${needs.machines} machines with a volume for a run`,
        reason: "a run there has only one machine; for a cluster use kubernetes://CONTEXT/NAMESPACE",
      });
    const body = { run_spec: planSpec(needs), max_offers: offersMost, for_offers_only: true };
    const plan = await this.#client.ask("runs/get_plan", body, planSchema, "plan");
    return (this.#client.demand(plan, "plan").job_plans[0]?.offers ?? [])
      .map(offerOf)
      .filter(({ isAvailable }) => isAvailable);
  }

  async create(request: Parameters<Provider["create"]>[0]): Promise<void> {
    const { name } = request;
    const run = await this.#run(name);
    if (run !== null && !finished.has(run.status)) return;
    const what = `create ${name}`;
    if ((await this.#fleet(name)) === null)
      await this.#client.ask(
        "fleets/apply",
        { plan: { spec: fleetSpec(request) }, force: false },
        fleetSchema,
        what,
      );
    const body = { plan: { run_spec: runSpec(request), current_resource: null }, force: false };
    await this.#client.ask("runs/apply", body, runSchema, what);
  }

  async find(name: string): Promise<RentedMachine | null> {
    // query the run first: any instance that it has received by then is in the fleet
    const run = await this.#run(name);
    return machineOf(name, run, await this.#fleet(name));
  }

  async list(): Promise<readonly RentedMachine[]> {
    const runs = (await this.#runs()).filter(({ run_spec }) => run_spec.run_name?.startsWith(tag));
    const answer = await this.#client.ask("fleets/list", {}, z.array(fleetSchema), "list machines");
    const all = this.#client.demand(answer, "list machines");
    const fleets = all.filter(({ name }) => name.startsWith(tag));
    const names = new Set([
      ...runs.map(({ run_spec }) => run_spec.run_name ?? ""),
      ...fleets.map(({ name }) => name),
    ]);
    return [...names].flatMap((name) => {
      const run = runs.find(({ run_spec }) => run_spec.run_name === name) ?? null;
      return machineOf(name, run, fleets.find((fleet) => fleet.name === name) ?? null) ?? [];
    });
  }

  async delete(name: string): Promise<void> {
    const run = await this.#run(name);
    if (run !== null && !finished.has(run.status) && run.status !== "terminating")
      await this.#client.ask("runs/stop", { runs_names: [name], abort: false }, anything, `end ${name}`);
    const fleet = await this.#fleet(name);
    const isUsed = run !== null && !finished.has(run.status);
    // a fleet in use cannot be deleted: its machine ends with its run, and a later call deletes the fleet
    if (fleet !== null && !isUsed && fleet.status !== "terminating")
      await this.#client.ask("fleets/delete", { names: [name] }, anything, `end ${name}`);
  }

  #run(name: string): Promise<DstackRun | null> {
    return this.#client.ask("runs/get", { run_name: name }, runSchema, `find ${name}`);
  }

  #fleet(name: string): Promise<DstackFleet | null> {
    return this.#client.ask("fleets/get", { name }, fleetSchema, `find ${name}`);
  }

  /** Active runs, read page by page. */
  async #runs(): Promise<DstackRun[]> {
    const found: DstackRun[] = [];
    const paged = z.array(runSchema);
    let last: { prev_submitted_at: string; prev_run_id: string } | undefined;
    for (let i = 0; i < pagesMost; i++) {
      const body = { only_active: true, limit: pageLength, job_submissions_limit: 1, ...last };
      const answer = await this.#client.askServer("runs/list", body, paged, "list machines");
      const page = this.#client.demand(answer, "list machines");
      found.push(...page);
      const end = page.at(-1);
      if (end === undefined || page.length < pageLength) return found;
      last = { prev_submitted_at: end.submitted_at, prev_run_id: end.id };
    }
    return found;
  }
}

function guaranteeOf({ url, isHere }: DstackAddress): Guarantee {
  return {
    keeper: `the dstack server at ${url}`,
    endsWithProgram: true,
    endsInTime: true,
    isKeptHere: isHere,
    startingSeconds: seconds(startingSeconds),
    endingSeconds: seconds(endingSeconds),
    givesUpSeconds: seconds(givesUpSeconds),
  };
}

/** State of a machine; `null` if its run is over or never existed and its fleet has no instance. */
function machineOf(name: string, run: DstackRun | null, fleet: DstackFleet | null): RentedMachine | null {
  const isActive = run !== null && !finished.has(run.status);
  const instances = (fleet?.instances ?? []).filter(({ status }) => !finished.has(status));
  if (!isActive && instances.length === 0) return null;
  const [instance] = instances;
  const job = run?.latest_job_submission;
  const isRunning = isActive && run.status === "running";
  const isEnding = !isActive || run.status === "terminating" || instance?.status === "terminating";
  const price = job?.job_provisioning_data?.price ?? instance?.price;
  const created = instance?.created ?? run?.submitted_at;
  const why = job?.termination_reason_message ?? job?.termination_reason ?? instance?.termination_reason;
  const words = [run?.status ?? instance?.status, job?.status, job?.status_message, why];
  return {
    name,
    state: isEnding ? "ending" : isRunning ? "running" : "starting",
    way: isRunning && run !== null ? wayOf(run) : null,
    usdPerHour: priceOf(price),
    createdMs: created === undefined ? null : Date.parse(created),
    detail: [...new Set(words.filter((word) => word))].join(", "),
  };
}
