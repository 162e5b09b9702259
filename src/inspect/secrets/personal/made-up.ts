/** @file Digits that stand for any number: all alike, counting up, a piece again and again. */

/** Whether digits look made up. */
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
