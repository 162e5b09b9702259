/**
 * @file The outermost file of the process beside a wrapped command: `supervisor FOLDER [-- COMMAND...]`. It starts
 * only from `tunewise exec` or in place of one that was lost, and prints nothing: its state is in the meter.
 */
import { type Channel, type Request, type Standing, supervise } from "../launch/index.ts";
import { createMachine } from "./exec/machine.ts";

const early: Request[] = [];
let hear = (request: Request): void => void early.push(request);
process.on("SIGINT", () => hear("interrupt"));
process.on("SIGTERM", () => hear("stop"));
process.on("SIGUSR2", () => hear("end"));
process.on("SIGHUP", () => undefined);
// The front may be gone at any time; nothing depends on it.
process.on("error", () => undefined);

const [folder = "", separator, ...command] = process.argv.slice(2);
let isSending = false;
/** The latest standing, while the front has not taken the message before it. Older ones are superseded. */
let unsent: Standing | null = null;
function sendLast(): void {
  // A front that sleeps reads nothing, and holds up nobody.
  if (unsent === null || isSending || process.send === undefined || !process.connected) return;
  const { meter, unsaved } = unsent;
  [unsent, isSending] = [null, true];
  process.send({ meter: { ...meter, strays: [] }, unsaved }, undefined, {}, () => {
    isSending = false;
    sendLast();
  });
}
const channel: Channel = {
  listen: (listener) => {
    hear = listener;
    early.splice(0).forEach(listener);
  },
  tell: (standing: Standing) => {
    unsent = standing;
    sendLast();
  },
};
const supervised = { folder, command: separator === "--" ? command : null, environment: process.env };
try {
  await supervise(supervised, createMachine(), channel);
} catch {
  // Another supervisor is at work, or the meter cannot be written: who started this one sees which.
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
