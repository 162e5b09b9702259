/** @file Public IP addresses. Excludes private ones, those of documentation and those of well-known services. */

import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";

const version =
  /(?:version|release|section|chapter|build|firmware|driver|update|§|\bv|==|~=|>=|<=|\^|@|rfc|oid|\br)[\s:="']{0,3}$/;
const address =
  /\b(?:ip|ipv4|ipv6|host|hosts|server|address|addr|client|remote|peer|ping|ssh|login|from|inet|gateway|dns)\b/;

/** Public DNS resolvers. */
const open = /^(?:8\.8\.[84]\.[84]|1\.[01]\.[01]\.1|9\.9\.9\.\d+|208\.67\.22[02]\.22[02]|4\.2\.2\.\d)$/;

/**
 * Whether IPv4 bytes belong to a block without public hosts.
 *
 * @source RFC 6890 and RFC 5737, tables of special-purpose blocks; RFC 5771 for multicast
 */
function isSpecial(a: number, b: number, c: number): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99);
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100);
  return (a === 100 && b >= 64 && b < 128) || (a === 203 && b === 0 && c === 113);
}

/** An IPv4 address that starts at a digit. Four small numbers are a version unless the context says otherwise. */
export function readIpv4(text: string, first: number): Span | null {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w-]|\.\d)/.exec(
    text.slice(first, first + 18),
  );
  if (found === null || !mayStart(text, first)) return null;
  const parts = found.slice(1);
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) return null;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  if (isSpecial(a, b, c) || open.test(found[0]) || (a === b && b === c && c === d) || (b === 0 && c === 0))
    return null;
  if ((a === 1 && (b === 2 || b === 3)) || (a === 2 && b === 5)) return null; // object identifiers of ISO and ITU
  if (followsWord(text, first, version, 16)) return null;
  const small = Math.max(a, b, c, d) < 32 || [a, b, c, d].filter((part) => part < 10).length >= 3;
  if (small && !followsWord(text, first, address, 40)) return null;
  return { start: first, end: first + found[0].length };
}

function mayStart(text: string, first: number): boolean {
  const before = text[first - 1] ?? " ";
  if (before === "/") return text[first - 2] === "/";
  return !/[\w.\-+$%#]/.test(before);
}

/** A global IPv6 address, which starts with 2 or 3. Excludes those of documentation. */
export function readIpv6(text: string, first: number): Span | null {
  if (/[\w:.-]/.test(text[first - 1] ?? " ")) return null;
  const found = /^[23][0-9a-f]{3}:[0-9a-f:]{4,34}/i.exec(text.slice(first, first + 40));
  if (found === null) return null;
  const written = found[0].replace(/:$/, "").toLowerCase();
  const groups = written.split(":");
  const gaps = written.split("::").length - 1;
  if (groups.some(({ length }) => length > 4) || gaps > 1) return null;
  if (
    gaps === 0 ? groups.length !== 8 : groups.filter((group) => group !== "").length < 3 || groups.length > 8
  )
    return null;
  if (/^2001:0?db8:|^3fff:|^2001:4860:4860:|^2606:4700:4700:|^2620:fe::/.test(written)) return null;
  if (/^[\w-]/.test(text[first + written.length] ?? " ")) return null;
  return { start: first, end: first + written.length };
}
