/** @file Machines that are rented for a run: offers with prices, created under a name that follows from the run, found again, deleted. */

export { isDstackAddress } from "./dstack/address.ts";
export { dstackProvider } from "./dstack/provider.ts";
export { machineName } from "./names.ts";
export type {
  Guarantee,
  MachineNeeds,
  MachineRequest,
  Offer,
  Provider,
  RentedMachine,
  SshPlace,
} from "./provider.ts";
