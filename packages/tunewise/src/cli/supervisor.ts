/**
 * @file Entry point of the process that supervises a wrapped command: `supervisor FOLDER [-- COMMAND...]`. It is
 * started by `tunewise exec` or to replace a lost supervisor, and prints nothing, since its state is in the meter.
 */
import { type Channel, type Request, type Standing, supervise } from "../launch/index.ts";
import { createMachine } from "./exec/machine.ts";

const early: Request[] = [];
let hear = (request: Request): void => void early.push(request);
process.on("SIGINT", () => hear("interrupt"));
process.on("SIGTERM", () => hear("stop"));
process.on("SIGUSR2", () => hear("end"));
process.on("SIGHUP", () => undefined);
// The front process may disappear at any time; nothing depends on it.
process.on("error", () => undefined);

const [folder = "", separator, ...command] = process.argv.slice(2);
let isSending = false;
/** The latest state, held back until the front process has received the previous message. It replaces older ones. */
let unsent: Standing | null = null;
function sendLast(): void {
  // a suspended front process must not block the supervisor
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
  // Another supervisor is running, or the meter cannot be written; the starting process can tell which.
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
