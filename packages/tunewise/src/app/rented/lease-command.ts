/** @file The program of a rented machine: it counts the lease, and the machine ends with it. */
import type { RentalTerms } from "./terms.ts";

/** Where the lease is, below the home of the user there; renewed by whoever touches it. */
export const leaseFile = ".cache/tunewise/machine-lease";

/**
 * A command for a POSIX shell that ends when nobody has renewed the lease in time, or all of its time is over.
 *
 * It counts seconds by what it has slept, and by the steady clock where there is one: no clock of day is compared with
 * another. It compares the file's time with what it was alone.
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

/** Fails, and says why, unless the program of the lease lives. */
export const armedCommand: string = [
  `read -r word program < "$HOME/${leaseFile}"`,
  '[ "$word" = armed ]',
  'kill -0 "$program"',
].join(" && ");
