/**
 * @file What rows of an archive may not say. The store's own ways in look at these values before they are kept; a row
 * out of an archive has passed none of them.
 */
import type { SqlValue } from "../database/database.ts";

/** Tells what is wrong with a row, in words behind "a row of TABLE"; `null` where it may be kept. */
export type RowRules = (values: readonly SqlValue[]) => string | null;

/** The rules for rows of these columns. */
export function rowRules(columns: readonly string[]): RowRules {
  const judged = columns.flatMap((column, at) => {
    if (isMoney(column)) return [{ at, isFault: isNegative, words: `has a negative ${column}` }];
    if (column !== "artifact_root") return [];
    return [{ at, isFault: leadsElsewhere, words: "has an artifact_root that leads elsewhere" }];
  });
  return (values) => {
    const found = judged.find(({ at, isFault }) => {
      const value = values[at] ?? null;
      return value !== null && isFault(String(value));
    });
    return found?.words ?? null;
  };
}

/** Of a number in digits. */
function isNegative(value: string): boolean {
  return value.startsWith("-") && Number(value) !== 0;
}

/** Sums of the ledger, of budgets and of purses: whatever lowers one of them would lift a cap. */
function isMoney(column: string): boolean {
  return /(?:^|_)micro_usd(?:_|$)/.test(column);
}

/** Steps upwards, decoded or not, and characters that no address has. */
function leadsElsewhere(address: string): boolean {
  const decoded = decodedOrNull(address);
  if (decoded === null) return true;
  return /\p{Cc}|\\/u.test(decoded) || decoded.split("/").some((part) => part === ".." || part === ".");
}

function decodedOrNull(address: string): string | null {
  try {
    return decodeURIComponent(address);
  } catch {
    return null;
  }
}
