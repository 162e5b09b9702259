/** @file Validity checks of national identification numbers: embedded dates, check digits, unassigned blocks. */
import {
  digitsOf,
  isDate,
  modulo,
  passesLuhn,
  passesMod11And10,
  passesVerhoeff,
  weighted,
} from "./check-digits.ts";

/** US: no area 000, 666 or 9xx, no group 00, no serial 0000, and neither of two void numbers from advertisements. */
export function isSsn(number: string): boolean {
  return !/^(?:000|666|9)|^\d{3}00|0000$|^078051120|^219099999/.test(number);
}

/** UK: excludes unassigned prefixes. */
export function isNino(number: string): boolean {
  return !/^(?:[DFIQUV]|.[DFIOQUV]|BG|GB|KN|NK|NT|TN|ZZ)/.test(number);
}

/** Germany: ISO 7064 MOD 11,10, and exactly one of the first ten digits occurs two or three times. */
export function isGermanTaxId(number: string): boolean {
  const head = number.slice(0, 10);
  const counts = [..."0123456789"].map((digit) => head.split(digit).length - 1);
  const repeated = counts.filter((count) => count > 1);
  return (
    head[0] !== "0" && repeated.length === 1 && (repeated[0] ?? 0) <= 3 && passesMod11And10(digitsOf(number))
  );
}

/** Spain: the check letter modulo 23; X, Y, Z count as 0, 1, 2. */
export function isSpanishId(number: string): boolean {
  const plain = number.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter)));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[modulo(plain, 23)] === number.at(-1);
}

/** France: 97 minus the number modulo 97; Corsica's 2A and 2B count as 19 and 18. */
export function isFrenchNir(number: string): boolean {
  const month = Number(number.slice(3, 5));
  if (month === 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  const body = number.slice(0, 13).replace("2A", "19").replace("2B", "18");
  return 97 - modulo(body, 97) === Number(number.slice(13));
}

const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/** Italy: the last letter, from values that differ at odd and even positions. */
export function isItalianFiscalCode(code: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = /\d/.test(code[i] ?? "") ? Number(code[i]) : code.charCodeAt(i) - 65;
    sum += i % 2 === 0 ? (oddValues[value] ?? 0) : value;
  }
  return code.charCodeAt(15) - 65 === sum % 26;
}

/** The Netherlands: the eleven test, a weighted sum divisible by eleven. */
export function isDutchBsn(number: string): boolean {
  return weighted(digitsOf(number), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** Brazil: two check digits modulo 11. */
export function isCpf(number: string): boolean {
  const digits = digitsOf(number);
  const check = (length: number): number => {
    const weights = Array.from({ length }, (_, index) => length + 1 - index);
    return ((weighted(digits, weights) * 10) % 11) % 10;
  };
  return !/^(\d)\1+$/.test(number) && check(9) === digits[9] && check(10) === digits[10];
}

/** India: Verhoeff. */
export function isAadhaar(number: string): boolean {
  return passesVerhoeff(digitsOf(number));
}

/** Poland: weights 1, 3, 7, 9; the month encodes the century in steps of 20. */
export function isPesel(number: string): boolean {
  const digits = digitsOf(number);
  const month = Number(number.slice(2, 4)) % 20;
  const rest = weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10;
  return isDayMonth(month, Number(number.slice(4, 6))) && (10 - rest) % 10 === digits[10];
}

/** Sweden: Luhn over the last ten digits; days of coordination numbers are increased by 60. */
export function isSwedishNumber(number: string): boolean {
  const last = number.replace("+", "").slice(-10);
  return isDayMonth(Number(last.slice(2, 4)), Number(last.slice(4, 6)) % 60) && passesLuhn(digitsOf(last));
}

/** Belgium: 97 minus the number modulo 97, prefixed with 2 for people born since 2000. */
export function isBelgianNumber(number: string): boolean {
  const [body, check] = [number.slice(0, 9), Number(number.slice(9))];
  const month = Number(number.slice(2, 4));
  return month <= 12 && (97 - modulo(body, 97) === check || 97 - modulo(`2${body}`, 97) === check);
}

/** Finland: the check character modulo 31. */
export function isFinnishNumber(number: string): boolean {
  const digits = number.replace(/\D/g, "").slice(0, 6);
  const serial = number.slice(-4, -1);
  const month = Number(digits.slice(2, 4));
  return (
    isDayMonth(month, Number(digits.slice(0, 2))) &&
    "0123456789ABCDEFHJKLMNPRSTUVWXY"[modulo(digits + serial, 31)] === number.at(-1)
  );
}

/** Norway: two check digits modulo 11. */
export function isNorwegianNumber(number: string): boolean {
  const digits = digitsOf(number);
  const first = (11 - (weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
  const second = (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return startsWithDayMonth(number) && first === digits[9] && second === digits[10];
}

/** Whether the first four digits are a day and a month. */
export function startsWithDayMonth(number: string): boolean {
  return isDayMonth(Number(number.slice(2, 4)), Number(number.slice(0, 2)) % 40);
}

/** Portugal: modulo 11. */
export function isPortugueseNif(number: string): boolean {
  const digits = digitsOf(number);
  const rest = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return /^[1-35]/.test(number) && (rest < 2 ? 0 : 11 - rest) === digits[8];
}

/** Turkey: two check digits from sums at odd and even positions. */
export function isTurkishNumber(number: string): boolean {
  const digits = digitsOf(number);
  const odd = weighted(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const even = weighted(digits, [0, 1, 0, 1, 0, 1, 0, 1]);
  const sum = digits.slice(0, 10).reduce((total, digit) => total + digit, 0);
  return (((odd * 7 - even) % 10) + 10) % 10 === digits[9] && sum % 10 === digits[10];
}

/** China: ISO 7064 MOD 11-2 and a date. */
export function isChineseNumber(number: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const born = isDate(
    Number(number.slice(6, 10)),
    Number(number.slice(10, 12)),
    Number(number.slice(12, 14)),
  );
  return born && "10X98765432"[weighted(digitsOf(number.slice(0, 17)), weights) % 11] === number.at(-1);
}

/** South Africa: Luhn, a date, and 0 or 1 for citizenship. */
export function isSouthAfricanNumber(number: string): boolean {
  const dated = isDayMonth(Number(number.slice(2, 4)), Number(number.slice(4, 6)));
  return dated && /[01]..$/.test(number) && passesLuhn(digitsOf(number));
}

/** Only Luhn. */
export function endsInLuhn(number: string): boolean {
  return passesLuhn(digitsOf(number));
}

/** Australia: weighted sum divisible by eleven. */
export function isAustralianTfn(number: string): boolean {
  return weighted(digitsOf(number), [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
}

/** Korea: modulo 11 and a date. Numbers issued since October 2020 have no check digit and are not recognized. */
export function isKoreanNumber(number: string): boolean {
  const digits = digitsOf(number);
  const rest = weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
  return (
    isDayMonth(Number(number.slice(2, 4)), Number(number.slice(4, 6))) && (11 - rest) % 10 === digits[12]
  );
}

/** Mexico: the last digit modulo 10 over an alphabet of 37. */
export function isCurp(code: string): boolean {
  const alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += alphabet.indexOf(code[i] ?? "") * (18 - i);
  return (10 - (sum % 10)) % 10 === Number(code[17]);
}

/** Switzerland: the check digit of EAN-13. */
export function isSwissAhv(number: string): boolean {
  const digits = digitsOf(number);
  const sum = weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
  return (10 - (sum % 10)) % 10 === digits[12];
}

/** Czechia, Slovakia: divisible by eleven; women's months are increased by 50. */
export function isCzechNumber(number: string): boolean {
  return (
    modulo(number, 11) === 0 && isDayMonth((Number(number.slice(2, 4)) % 50) % 20, Number(number.slice(4, 6)))
  );
}

/** Chile: modulo 11, with K for ten. */
export function isRut(number: string): boolean {
  const digits = digitsOf(number.slice(0, -1)).reverse();
  const rest = 11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 2, 3]) % 11);
  return (rest === 11 ? "0" : rest === 10 ? "K" : String(rest)) === number.at(-1)?.toUpperCase();
}

function isDayMonth(month: number, day: number): boolean {
  return isDate(2000, month, day);
}
