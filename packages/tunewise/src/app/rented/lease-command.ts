/** @file The program of a rented machine. It tracks the lease, and the machine ends with it. */
import type { RentalTerms } from "./worst-case.ts";

/** Lease file in the home folder of the machine's user. Touching it renews the lease. */
export const leaseFile = ".cache/tunewise/machine-lease";

/**
 * Shell command (POSIX) that exits when the lease was not renewed in time or its total time is over.
 *
 * Measures time by its own sleeps, or by the system's uptime if available. It never compares wall clocks. A changed
 * timestamp of the file counts as a renewal, whatever time it contains.
 */
export function leaseCommand({ machineLeaseSeconds, maxSeconds }: RentalTerms): string {
  return [
    `f="$HOME/${leaseFile}"; mkdir -p "\${f%/*}"; echo "armed $$" > "$f" || exit 1`,
    `now() { n=$((n + 1)); if read -r up rest < /proc/uptime; then n=\${up%%.*}; fi 2>/dev/null; }`,
    "n=0; now; began=$n; heard=$n; seen=",
    "while :; do",
    '  now; stamp=$(ls -lc --full-time "$f" 2>/dev/null || ls -lc "$f" 2>/dev/null)',
    '  if [ "$stamp" != "$seen" ]; then seen=$stamp; heard=$n; fi',
    `  if [ $((n - heard)) -ge ${machineLeaseSeconds} ] || [ $((n - began)) -ge ${maxSeconds} ]; then exit 0; fi`,
    "  sleep 1",
    "done",
  ].join("\n");
}

/** Renews the lease. */
export const renewCommand: string = `touch "$HOME/${leaseFile}"`;

/** Fails with a message unless the lease program is alive. */
export const armedCommand: string = [
  `read -r word program < "$HOME/${leaseFile}"`,
  '[ "$word" = armed ]',
  'kill -0 "$program"',
].join(" && ");
