/** @file Opens the provider of an address. */
import type { Usd } from "@tunewise/core/quantity";
import { isDstackAddress } from "./dstack/address.ts";
import { dstackProvider } from "./dstack/provider.ts";
import { isKubernetesAddress } from "./kubernetes/address.ts";
import { kubernetesProvider } from "./kubernetes/provider.ts";
import type { Provider } from "./provider.ts";

/** Dependencies of providers. */
export interface ProviderAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Hourly price of all machines, for providers without prices; `null`: unknown. */
  readonly usdPerHour: Usd | null;
}

/** Whether an address is one at which machines are rented. */
export function isProviderAddress(address: string): boolean {
  return isDstackAddress(address) || isKubernetesAddress(address);
}

/**
 * Opens the provider of an address.
 *
 * @param address such as `dstack://host:3000/main` or `kubernetes://CONTEXT/NAMESPACE`
 * @throws {TunewiseError} those of `dstackProvider` and of `kubernetesProvider`
 */
export function openProvider(address: string, access: ProviderAccess): Promise<Provider> {
  return isKubernetesAddress(address) ? kubernetesProvider(address, access) : dstackProvider(address, access);
}
