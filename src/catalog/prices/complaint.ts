/**
 * @file A complaint about a row of the user's, as a finding with its place.
 */
import type { Finding, Place } from "../../problem/index.ts";
import { priceFinding, shownText } from "./finding.ts";
import type { Complaint } from "./record.ts";

/**
 * The finding for one complaint.
 *
 * @param section what the row is, such as `machines[2]`
 */
export function complaintFinding(complaint: Complaint, section: string, place: Place): Finding {
  const { key } = complaint;
  if (complaint.kind === "key") {
    const fix = complaint.near === undefined ? `remove ${key}` : `did you mean \`${complaint.near}\`?`;
    return priceFinding("PRICE_KEY_UNKNOWN", { key, section, fix }, [place]);
  }
  if (complaint.kind === "device") {
    const near = complaint.suggestions.map((name) => `\`${name}\``).join(" or ");
    const fix = near === "" ? "take a name that tunewise prices list shows" : `did you mean ${near}?`;
    return priceFinding("PRICE_DEVICE_UNKNOWN", { name: shownText(complaint.name), fix }, [place]);
  }
  if (complaint.kind === "rate") {
    const { currency } = complaint;
    const code = shownText(currency, 12);
    return priceFinding("PRICE_RATE_MISSING", { key, currency: code.toUpperCase(), code }, [place]);
  }
  const { expected, found } = complaint;
  return priceFinding("PRICE_VALUE_INVALID", { key: `${key} of ${section}`, expected, found }, [place]);
}
