/** @file Machines that are rented for a run: worst case before the start, a lease, a receipt, and a sweep of what was left. */

export { type AliveMachine, createAliveMachines, type ReadAliveMachines } from "./alive.ts";
export { type ChosenOffer, cheapestOffer, priceOf, type WantedMachine } from "./choose-offer.ts";
export { rentalKey, rentalWorld } from "./connect.ts";
export type { RentalWorld } from "./dependencies.ts";
export { leaseCommand } from "./lease-command.ts";
export type { Receipt, RentalRecords } from "./records.ts";
export { type ReadyMachine, type RentalRequest, withRentedMachine } from "./rent.ts";
export { type RentedRun, rentedRunOf, resumedRunOf } from "./rented-run.ts";
export { type SweptMachine, sweepMachines } from "./sweep.ts";
export { trainRented } from "./train-rented.ts";
export { promiseText, type RentalTerms, termsOf } from "./worst-case.ts";
