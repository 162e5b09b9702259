import { mulberry32 } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import type { Family } from "./names.ts";
import { judgeValue, type Verdict } from "./strength.ts";
import { isUnlikeWords, isWordlike } from "./wordlike.ts";

/** Quoted values under a password's name, by their verdict. */
const passwords: Readonly<Record<Verdict, readonly string[]>> = {
  secret: [
    ...["Winter-2024!", "kV7tqZp2x", "k}9$<Fz(q", 'a"B3;x>{', "S4turn!52", "correct!Horse77", "hx83kf92"],
    ...["JnDVqpxCKHkysPTh", "~[;k(Rq%w", "Test-Kx9#mPq2vLzW!"],
  ],
  weak: [
    ...["password", "Passwort", "test1234", "letmein", "12345678", "abcdefgh12345678", "aaaaaaaaA1!"],
    ...["5f4dcc3b5aa765d61d8327deb882cf99", "Sign-in", "secret123!"],
  ],
  none: [
    ...[
      "",
      "ab",
      "Enter your password!",
      "8 caractères",
      "Ünsicher1!",
      `\${DB_PASSWORD}`,
      "{{ password }}",
      "<password>",
    ],
    ...[
      "$DB_PASSWORD",
      "%env(DB_PASS)%",
      "#{ENV['PW']}",
      "{prefix}{suffix}",
      "your-password-1!",
      "ChangeMe-2024!",
    ],
    ...[
      "https://corp.net/Reset1!",
      "/accounts/Reset-1",
      "maria.K1@corp.net",
      "$2b$12$KIXQ4S1bF1H0d8Z1o3h4me",
    ],
    ...[
      "^(?=.*[A-Z])(?=.*\\d).{8,}$",
      "input[name=Field1]",
      "getValue(Key1)",
      "DB_PASSWORD_2",
      "config/Pass1.yaml",
    ],
    ...["123e4567-e89b-12d3-a456-426614174000", "v1.24.3", "#3f51b5", "text/html;charset=UTF-8"],
  ],
};

describe("judgeValue", () => {
  const cases = Object.entries(passwords).flatMap(([verdict, values]) =>
    values.map((value) => [value, verdict]),
  );
  test.each(cases)("%j under a password's name is %s", (value = "", verdict) => {
    expect(judgeValue(value, "password", false)).toBe(verdict);
  });

  const keys: readonly (readonly [string, Family, Verdict])[] = [
    ["aB3dE6gH9jK2mN5pQ8sT", "key", "secret"],
    ["87f3a1c09be24d5e6f708192a3b4c5d6", "key", "secret"],
    ["customer_order_item_id_2024", "key", "weak"],
    ["Winter-2024!", "key", "weak"],
    ["Winter-2024!", "secret", "secret"],
    ["k!x@9(=e+2q_7^w&3z*r5)t-1y#u$8", "secret", "secret"],
    ["your-256-bit-secret", "secret", "none"],
  ];
  test.each(keys)("%j under a name of %s is %s", (value, family, verdict) => {
    expect(judgeValue(value, family, false)).toBe(verdict);
  });

  test("of 1,000 passwords of 8 to 20 characters drawn by lot at most one in fifty is missed", () => {
    const draw = mulberry32(5);
    const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    const drawn = Array.from({ length: 1000 }, () =>
      Array.from({ length: 8 + Math.floor(draw() * 13) }, () => characters[Math.floor(draw() * 94)]).join(""),
    );
    expect(drawn.filter((value) => judgeValue(value, "password", false) !== "secret").length).toBeLessThan(
      20,
    );
  });
});

test("words are told from what is drawn by lot", () => {
  expect(
    ["winter", "customerOrderItem", "created_at_desc", "Benutzername"].filter((one) => !isWordlike(one)),
  ).toEqual([]);
  expect(["kXbQzRtWmN", "qzxvkjwp", "JnDVqpxCKHkysPTh", "ab"].filter(isWordlike)).toEqual([]);
  expect(["kXbQzRtWmN", "qzxvkjwp"].filter((one) => !isUnlikeWords(one))).toEqual([]);
});
