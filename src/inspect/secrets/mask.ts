/** @file What may be shown of a value that was found: what all values of its kind share, and its length. */

/** `ghp_…(40)`: what all values of the format begin with, and the length. */
export function maskSecret(shown: string, length: number): string {
  return `${shown}…(${length})`;
}

/** `j…@…`: nothing but the first letter of an e-mail address, if it is a plain one. */
export function maskEmail(address: string): string {
  const first = /^[A-Za-z]/.exec(address)?.[0] ?? "";
  return `${first}…@…`;
}

/** `…(16)`: nothing but the length. */
export function maskPersonal(length: number): string {
  return `…(${length})`;
}
