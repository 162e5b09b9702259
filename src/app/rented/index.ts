/** @file Machines that are rented for a run: worst case before the start, a lease, a receipt, and a sweep of what was left. */

export { leaseCommand } from "./lease-command.ts";
export { paidAtMost, type RentalRecord, type RentalRecords, recordsIn } from "./records.ts";
export { type RentalRequest, withRentedMachine } from "./rent.ts";
export { type SweptMachine, sweepMachines } from "./sweep.ts";
export { promiseText, type RentalTerms, termsOf } from "./terms.ts";
export type { RentalWorld } from "./world.ts";
