/**
 * @file Names of runs: sortable by time, readable, unique.
 */

/** Longest part of a run's name that goes into its id. */
const nameCharsMax = 40;

/**
 * A new run id such as `20261124-204512-tickets-7f3a`: time in UTC, name, random part.
 *
 * @param name any text; what is not a letter or digit becomes a hyphen, since the id names a folder
 * @param random a number in [0, 1)
 */
export function makeRunId(name: string, now: Date, random: number): string {
  const time = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .slice(0, 200)
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, nameCharsMax)
    .replace(/^-|-$/g, "");
  const tail = Math.floor(random * 0x10000)
    .toString(16)
    .padStart(4, "0");
  return `${time}-${words || "run"}-${tail}`;
}

/** Whether a text has the form of a run id, so that it may name a folder. */
export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{4}$/.test(text);
}
