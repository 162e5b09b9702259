/** @file An address of this machine to which an API server forwards requests. */
import { networkInterfaces } from "node:os";

/** Returns an address: the simulated server accepts any, the real one no loopback address. */
export function reachableAddress(isReal: boolean): string {
  if (!isReal) return "127.0.0.1";
  const found = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const address = found.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (address === undefined) throw new Error("this machine has no address but loopback's");
  return address;
}
