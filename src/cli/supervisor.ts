/**
 * @file The outermost file of the process beside a wrapped command: `supervisor FOLDER [-- COMMAND...]`. It starts
 * only from `tunewise exec` or in place of one that was lost, and says nothing: what it knows stands in the meter.
 */
import { type Request, supervise } from "../launch/index.ts";
import { createMachine } from "./exec/machine.ts";

const early: Request[] = [];
let hear = (request: Request): void => void early.push(request);
process.on("SIGINT", () => hear("interrupt"));
process.on("SIGTERM", () => hear("stop"));
process.on("SIGUSR2", () => hear("end"));
process.on("SIGHUP", () => undefined);

const [folder = "", separator, ...command] = process.argv.slice(2);
const requests = {
  listen: (listener: (request: Request) => void): void => {
    hear = listener;
    early.splice(0).forEach(listener);
  },
};
const supervised = { folder, command: separator === "--" ? command : null, environment: process.env };
try {
  await supervise(supervised, createMachine(), requests);
} catch {
  // Another supervisor is at work, or the meter cannot be written: who started this one sees which.
  process.exitCode = 1;
}
