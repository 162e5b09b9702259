/** @file Queries a Ray cluster's resources for planning, without starting a job. */
import { findDevice } from "../../catalog/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Card } from "../torch/cards.ts";
import { Dashboard, type RayNode } from "./dashboard.ts";

/** Total resources of a cluster's live nodes. */
export interface Cluster {
  /** Version of Ray. */
  readonly version: string;
  readonly nodes: number;
  /** Processors that Ray schedules. */
  readonly processors: number;
  /** Cards that Ray schedules. Their memory is the catalog's value for the model; 0 if unknown. */
  readonly cards: readonly Card[];
}

/**
 * Queries the resources of a cluster.
 *
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`, `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_VERSION_UNSUPPORTED`
 */
export async function inspectCluster(
  address: string,
  runtime: Pick<Runtime, "environment">,
): Promise<Cluster> {
  const dashboard = await Dashboard.at(address, runtime);
  const version = await dashboard.requireReady();
  return clusterOf(version, await dashboard.nodes());
}

/** Sums the resources of nodes. */
export function clusterOf(version: string, nodes: readonly RayNode[]): Cluster {
  return {
    version,
    nodes: nodes.length,
    processors: nodes.reduce((sum, { resources }) => sum + (resources["CPU"] ?? 0), 0),
    cards: nodes.flatMap(({ resources }) => Array(Math.floor(resources["GPU"] ?? 0)).fill(cardOf(resources))),
  };
}

/** The model of a node's cards, which Ray reports as a resource such as `accelerator_type:A100-80G`. */
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
