/** @file Check digits of numbers that identify people. */

/** The digits of a text as numbers. */
export function digitsOf(text: string): number[] {
  const found: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) found.push(digit);
  }
  return found;
}

/** Sum of digits times weights. Digits beyond the weights are ignored. */
export function weighted(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * (digits[index] ?? 0), 0);
}

/**
 * Whether digits end in a Luhn check digit.
 *
 * @source ISO/IEC 7812-1, annex B
 */
export function passesLuhn(digits: readonly number[]): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits[digits.length - 1 - i] ?? 0;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** A digit string of any length modulo a number below a million. */
export function modulo(digits: string, by: number): number {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digits.charCodeAt(i) - 48) % by;
  return rest;
}

const dihedral = [
  ...["0123456789", "1234067895", "2340178956", "3401289567", "4012395678"],
  ...["5987604321", "6598710432", "7659821043", "8765932104", "9876543210"],
];
const permuted = [
  ...["0123456789", "1576283094", "5803796142", "8916043527"],
  ...["9453126870", "4286573901", "2793806415", "7046913258"],
];

/**
 * Whether digits end in a Verhoeff check digit.
 *
 * @source Verhoeff 1969, Error detecting decimal codes; the multiplication of the dihedral group of order ten
 */
export function passesVerhoeff(digits: readonly number[]): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits[digits.length - 1 - i] ?? 0;
    check = Number(dihedral[check]?.[Number(permuted[i % 8]?.[digit])]);
  }
  return check === 0;
}

/**
 * Whether digits end in an ISO 7064 MOD 11,10 check digit.
 *
 * @source ISO/IEC 7064, hybrid systems
 */
export function passesMod11And10(digits: readonly number[]): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (digit + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digits.at(-1);
}

/** Whether day, month and year form a valid date. */
export function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && day > 0;
}

/** Whether digits look invented. */
export function isMadeUp(digits: string): boolean {
  if (/(\d)\1{5}/.test(digits)) return true;
  let up = 0;
  let down = 0;
  for (let i = 1; i < digits.length; i++) {
    const step = (digits.charCodeAt(i) - digits.charCodeAt(i - 1) + 10) % 10;
    up = step === 1 ? up + 1 : 0;
    down = step === 9 ? down + 1 : 0;
    if (up >= 5 || down >= 5) return true;
  }
  for (let size = 1; size <= Math.min(4, digits.length / 3); size++) {
    if (digits.slice(size) === digits.slice(0, -size)) return true;
  }
  return false;
}
