import { mulberry32 } from "@tunewise/core/math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lot } from "./alphabet.ts";
import { redactor } from "./redact.ts";
import { secretRules } from "./rules/all.ts";
import { drawCases } from "./sample.ts";
import { scanText } from "./scan.ts";

const mail = "m.okafor@lagos-freight.ng";
const draw = mulberry32(11);
const planted = secretRules.flatMap((rule) => drawCases(rule, draw).slice(0, 2));
const personal = [
  mail,
  "+49 30 9018 2047",
  "4539 1488 0343 6467",
  "DE12 5001 0517 0648 4898 90",
  "CPF: 529.982.247-25",
];
const words = fc.constantFrom(
  "the",
  "key",
  "is",
  "=",
  ":",
  '"',
  "'",
  "\n",
  ",",
  "{",
  "}",
  "password",
  "token",
  "and",
  "@",
  "://",
  "<",
  ">",
);
const texts = fc
  .array(fc.oneof(fc.constantFrom(...planted), fc.constantFrom(...personal), words), { maxLength: 12 })
  .chain((parts) => fc.constantFrom(" ", "", "\n").map((between) => parts.join(between)));

describe("redactor", () => {
  test("gives one value one placeholder, whatever was read before, and another seed others", () => {
    const one = redactor(1);
    const other = redactor(1);
    const first = one(`from ${mail} to ${mail.toUpperCase()}`);
    expect(first).toEqual({ text: expect.stringMatching(/^from (<EMAIL_\d{1,5}>) to \1$/), replaced: 2 });
    other("call +49 30 9018 2047");
    expect(other(`to ${mail}`).text).toBe(`to ${/<\w+>/.exec(first.text)?.[0]}`);
    expect(redactor(2)(mail).text).not.toBe(redactor(1)(mail).text);
    expect(one("4539 1488 0343 6467").text).toBe(one("visa 4539-1488-0343-6467").text.slice(5));
  });

  test("keeps JSON valid and lines of code closed", () => {
    const json = {
      mail,
      card: "4539 1488 0343 6467",
      auth: { password: `hx83${"kf"}92!` },
      note: `say \\"${mail}\\"`,
    };
    expect(JSON.parse(redactor(1)(JSON.stringify(json)).text)).toMatchObject({
      mail: expect.stringMatching(/^<EMAIL_/),
    });
    const { card } = JSON.parse(redactor(1)('{"visa card": 4539148803436467, "n": 1}').text) as {
      card?: string;
    };
    expect(card).toBeUndefined();
    expect(redactor(1)("visa = 4539148803436467\n").text).toMatch(/^visa = "<CARD_\d+>"\n$/);
    expect(redactor(1)(`API_KEY="glpat-${lot(20)}"`).text).toMatch(/^API_KEY="<API_KEY_\d+>"$/);
    expect(redactor(1)(`postgres://app:kV7${"tq"}Zp2x@db.shop.io/x`).text).toMatch(
      /^postgres:\/\/app:<PASSWORD_\d+>@db\.shop\.io\/x$/,
    );
  });

  test("leaves nothing to find, and nothing to do a second time", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const redact = redactor(3);
        const once = redact(text);
        expect(scanText(once.text)).toEqual([]);
        expect(redact(once.text)).toEqual({ text: once.text, replaced: 0 });
      }),
      { numRuns: 1500 },
    );
  });

  test("leaves clean text as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => redactor(1)(text).text === text || scanText(text).length > 0),
    );
  });
});
