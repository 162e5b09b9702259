/** @file Where untrusted text occurs in an address, for JavaScript's rules. */
import type { Value } from "../../engine/value.ts";

/**
 * Whether the text before the untrusted part decides where an address leads: a complete host, a path on the same host,
 * or a query. A lone slash does not: `//evil.org` is an address.
 */
export function hasFixedStart(value: Value | undefined): boolean {
  const lead = value?.lead;
  if (lead === undefined) return false;
  if (/[?#]/.test(lead)) return true;
  return /^([a-z]{2,10}:)?\/\/[^/\0@]{1,200}\/|^\/[^/\\\0]|^(?!https?:)[^:/\0]{1,200}\//.test(lead);
}
