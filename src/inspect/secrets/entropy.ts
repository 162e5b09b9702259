/** @file How evenly the characters of a value are spread. */

const counts = new Uint16Array(128);

/**
 * Entropy of a value's characters in bits per character; those beyond ASCII count as one.
 *
 * @source Shannon 1948, A Mathematical Theory of Communication, section 6: H = -sum p log2 p
 */
export function entropyOf(value: string): number {
  const length = Math.min(value.length, 4096);
  if (length === 0) return 0;
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    const slot = code < 128 ? code : 0;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length);
  return bits;
}
