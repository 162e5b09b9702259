/** @file An address of this machine that an API server passes requests on to. */
import { networkInterfaces } from "node:os";

/** The stand-in goes anywhere; a real server to no address of loopback. */
export function reachableAddress(isReal: boolean): string {
  if (!isReal) return "127.0.0.1";
  const found = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const address = found.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (address === undefined) throw new Error("this machine has no address but loopback's");
  return address;
}
