/** @file What a Ray cluster has, asked before anything is planned for it. No job is started for that. */
import { findDevice } from "../../catalog/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Card } from "../torch/cards.ts";
import { Dashboard, type RayNode } from "./dashboard.ts";

/** The nodes of a cluster that are alive, together. */
export interface Cluster {
  /** Version of Ray. */
  readonly version: string;
  readonly nodes: number;
  /** Processors that Ray hands out. */
  readonly processors: number;
  /** Cards that Ray hands out. The memory is that of the kind, from the catalog; 0 where that is not known. */
  readonly cards: readonly Card[];
}

/**
 * Asks a cluster what it has.
 *
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`, `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_VERSION_UNFIT`
 */
export async function inspectCluster(
  address: string,
  runtime: Pick<Runtime, "environment">,
): Promise<Cluster> {
  const dashboard = await Dashboard.at(address, runtime);
  const version = await dashboard.requireReady();
  return clusterOf(version, await dashboard.nodes());
}

/** Adds nodes up. */
export function clusterOf(version: string, nodes: readonly RayNode[]): Cluster {
  return {
    ...{ version, nodes: nodes.length },
    processors: nodes.reduce((sum, { resources }) => sum + (resources["CPU"] ?? 0), 0),
    cards: nodes.flatMap(({ resources }) => Array(Math.floor(resources["GPU"] ?? 0)).fill(cardOf(resources))),
  };
}

/** The kind of a node's cards: Ray names it by a resource such as `accelerator_type:A100-80G`. */
function cardOf(resources: RayNode["resources"]): Card {
  const prefix = "accelerator_type:";
  const kind =
    Object.keys(resources)
      .find((name) => name.startsWith(prefix))
      ?.slice(prefix.length) ?? "GPU";
  const name = kind.replace(/-(\d+)G$/, "-$1GB");
  const { device } = findDevice(name);
  return {
    name: device?.name ?? name,
    memoryBytes: (device?.labelGib ?? 0) * 2 ** 30,
    usedBytes: 0,
    capability: Number(device?.capability) || null,
  };
}
