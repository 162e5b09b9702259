/** @file Check digits from weighted sums, as most countries use them: one table of weights, moduli and results. */
import { digitsOf, isDate, passesLuhn, passesMod11And10, weighted } from "./check-digits.ts";

/** How a check digit follows from the weighted sum of the preceding digits. */
interface Weights {
  readonly weights: readonly number[];
  readonly modulus: number;
  /** The check digit for a remainder; -1 if such numbers are not issued. */
  readonly check: (rest: number) => number;
}

type Weighted =
  | ("thailand" | "health" | "romania" | "bulgaria" | "iceland" | "balkans" | "ukraine" | "argentina")
  | ("medicare" | "hungary" | "baltics" | "balticsAgain" | "latvia" | "japan");

const complement = (rest: number): number => (11 - rest) % 11;

/**
 * By country. The check digit follows the weighted digits.
 *
 * @source as each country's registry publishes them; the tests hold numbers of python-stdnum 2.1's documentation
 */
const tables: Readonly<Record<Weighted, Weights>> = {
  thailand: {
    weights: [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
    modulus: 11,
    check: (rest) => (11 - rest) % 10,
  },
  health: { weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], modulus: 11, check: (rest) => complement(rest) },
  romania: {
    weights: [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9],
    modulus: 11,
    check: (rest) => (rest === 10 ? 1 : rest),
  },
  bulgaria: { weights: [2, 4, 8, 5, 10, 9, 7, 3, 6], modulus: 11, check: (rest) => rest % 10 },
  iceland: { weights: [3, 2, 7, 6, 5, 4, 3, 2], modulus: 11, check: (rest) => complement(rest) },
  balkans: { weights: [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], modulus: 11, check: (rest) => complement(rest) },
  ukraine: { weights: [-1, 5, 7, 9, 4, 6, 10, 5, 7], modulus: 11, check: (rest) => rest % 10 },
  argentina: { weights: [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], modulus: 11, check: (rest) => complement(rest) },
  medicare: { weights: [1, 3, 7, 9, 1, 3, 7, 9], modulus: 10, check: (rest) => rest },
  hungary: { weights: [3, 7, 3, 7, 3, 7, 3, 7], modulus: 10, check: (rest) => rest },
  baltics: { weights: [1, 2, 3, 4, 5, 6, 7, 8, 9, 1], modulus: 11, check: (rest) => rest },
  balticsAgain: { weights: [3, 4, 5, 6, 7, 8, 9, 1, 2, 3], modulus: 11, check: (rest) => rest % 10 },
  latvia: {
    weights: [1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    modulus: 11,
    check: (rest) => ((1101 - rest) % 11) % 10,
  },
  japan: {
    weights: [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2],
    modulus: 11,
    check: (rest) => (rest < 2 ? 0 : 11 - rest),
  },
};

/** Whether the digit after the weighted digits is their check digit. */
export function endsInCheck(table: Weighted, number: string): boolean {
  const { weights, modulus, check } = tables[table];
  const digits = digitsOf(number);
  const rest = ((weighted(digits, weights) % modulus) + modulus) % modulus;
  return check(rest) === digits[weights.length];
}

/** Estonia and Lithuania: if the first weights yield ten, a second set applies. */
export function isBalticCode(number: string): boolean {
  const first = weighted(digitsOf(number), tables.baltics.weights) % 11;
  return isBirth(number.slice(1, 7)) && endsInCheck(first === 10 ? "balticsAgain" : "baltics", number);
}

/** Austria: the fourth digit checks all others, which include a date of birth. */
export function isAustrianNumber(number: string): boolean {
  const digits = digitsOf(number);
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digits[3] && number[0] !== "0";
}

/** Croatia: ISO 7064 MOD 11,10. */
export function isCroatianNumber(number: string): boolean {
  return passesMod11And10(digitsOf(number));
}

/** Greece: a date of birth, day first, and a Luhn check digit. */
export function isGreekNumber(number: string): boolean {
  return (
    isBirth(number.slice(4, 6) + number.slice(2, 4) + number.slice(0, 2)) && passesLuhn(digitsOf(number))
  );
}

/** Whether six digits are year, month and day. Some countries increase days or months for women or foreigners. */
export function isBirth(digits: string): boolean {
  const [year = 0, month = 0, day = 0] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  return isDate(2000 + year, month % 20, day % 40) || (month === 2 && day === 29);
}

/** Singapore: a letter from the weighted digits and the series. */
export function isSingaporeNumber(number: string): boolean {
  const series = number[0] ?? "";
  const shift = { S: 0, F: 0, T: 4, G: 4, M: 3 }[series];
  if (shift === undefined) return false;
  const rest = (weighted(digitsOf(number), [2, 7, 6, 5, 4, 3, 2]) + shift) % 11;
  const letters = "ST".includes(series) ? "JZIHGFEDCBA" : series === "M" ? "XWUTRQPNJLK" : "XWUTRQPNMLK";
  return letters[rest] === number.at(-1);
}

/** Hong Kong: letters count from 10 on, a missing first letter as 36. */
export function isHongKongNumber(number: string): boolean {
  const padded = /^[A-Z]\d/.test(number) ? ` ${number}` : number;
  const values = [...padded].map((one) => (one === " " ? 36 : Number.parseInt(one, 36)));
  const last = values.at(-1) ?? 0;
  return (weighted(values.slice(0, -1), [9, 8, 7, 6, 5, 4, 3, 2]) + last) % 11 === 0;
}

const taiwanLetters = "ABCDEFGHJKLMNPQRSTUVXYWZIO";

/** Taiwan: the letter of the region counts as two digits. */
export function isTaiwanNumber(number: string): boolean {
  const place = taiwanLetters.indexOf(number[0] ?? "") + 10;
  const digits = [Math.floor(place / 10), place % 10, ...digitsOf(number.slice(1))];
  return weighted(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
}

/** Ireland: a letter from the weighted digits and a second letter. */
export function isIrishNumber(number: string): boolean {
  const second = number[8] === undefined || number[8] === "W" ? 0 : number.charCodeAt(8) - 64;
  const rest = (weighted(digitsOf(number.slice(0, 7)), [8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
  return "WABCDEFGHIJKLMNOPQRSTUV"[rest] === number[7];
}

/** Russia's pension number: weighted sum modulo 101. */
export function isSnils(number: string): boolean {
  const rest = weighted(digitsOf(number), [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
  return rest % 100 === Number(number.slice(9));
}

/** Germany's pension number: letters count as two digits; the digits of the products are summed. */
export function isGermanPensionNumber(number: string): boolean {
  const letter = String(number.charCodeAt(8) - 64).padStart(2, "0");
  const digits = digitsOf(number.slice(0, 8) + letter + number.slice(9));
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const sum = weights.reduce((all, weight, index) => {
    const product = weight * (digits[index] ?? 0);
    return all + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 10 === digits[12];
}

/** Malaysia: a date of birth and a valid place code. */
export function isMalaysianNumber(number: string): boolean {
  return isBirth(number.slice(0, 6)) && !/^(?:00|1[7-9]|20|69|7\d|80|81|9[4-7])/.test(number.slice(6, 8));
}
