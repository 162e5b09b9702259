/** @file Machines rented for a run: offers with prices; created under a name derived from the run, found again, deleted. */

export { dstackProvider } from "./dstack/provider.ts";
export {
  isKubernetesAddress,
  isRayKubernetesAddress,
  parseRayClusterAddress,
  type RayClusterAddress,
} from "./kubernetes/address.ts";
export { KubernetesClient } from "./kubernetes/client.ts";
export { proxySocket } from "./kubernetes/proxy.ts";
export { machineName } from "./names.ts";
export { isProviderAddress, openProvider } from "./open-provider.ts";
export type {
  Guarantee,
  MachineNeeds,
  MachineRequest,
  Offer,
  Provider,
  RentedMachine,
  SshPlace,
  Volume,
  Way,
} from "./provider.ts";
