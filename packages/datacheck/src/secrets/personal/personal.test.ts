import { describe, expect, test } from "vitest";
import { scanText } from "../scan.ts";

const found = (text: string): string[] =>
  scanText(text).map(({ rule, start, end }) => `${rule}: ${text.slice(start, end)}`);

const cases: readonly (readonly [string, string])[] = [
  ["write to m.okafor@lagos-freight.ng today", "email: m.okafor@lagos-freight.ng"],
  ["<kim.lee+news@hanmail.net>,", "email: kim.lee+news@hanmail.net"],
  ["call +49 30 9018 2047 now", "phone: +49 30 9018 2047"],
  ["+442083661177", "phone: +442083661177"],
  ["+1 (415) 262-9147", "phone: +1 (415) 262-9147"],
  ["reach us: (415) 262-9147.", "phone-national: (415) 262-9147"],
  ["Phone: 415-262-9147", "phone-national: 415-262-9147"],
  ["тел: 785 8949", "phone-national: 785 8949"],
  ["Tel. 030 9018 2047", "phone-national: 030 9018 2047"],
  ["login from 93.184.77.12 at noon", "ipv4: 93.184.77.12"],
  ["http://151.101.65.69:8080/", "ipv4: 151.101.65.69"],
  ["inet6 2a02:8109:9c40:1b2c:d5f:1e7a:33b0:91c4 up", "ipv6: 2a02:8109:9c40:1b2c:d5f:1e7a:33b0:91c4"],
  ["paid with 4539 1488 0343 6467 today", "card: 4539 1488 0343 6467"],
  ["visa 4539148803436467", "card: 4539148803436467"],
  ["amex 3782-822463-10005", "card-test: 3782-822463-10005"],
  [`test card ${"4242".repeat(4)}`, `card-test: ${"4242".repeat(4)}`],
  ["IBAN DE12 5001 0517 0648 4898 90", "iban: DE12 5001 0517 0648 4898 90"],
  ["to FR7630006000011234567890189.", "iban: FR7630006000011234567890189"],
  ["his SSN is 536-22-8147", "us-ssn: 536-22-8147"],
  ["reference 536-22-8147", "us-ssn-dashed: 536-22-8147"],
  ["call (07) 5331 0577", "phone-national: (07) 5331 0577"],
  ["415-262-9147 office", "phone-national: 415-262-9147"],
  ["They do not answer at 785 8949", "phone-national: 785 8949"],
  ["m.okafor@lagos-freight.site", "email: m.okafor@lagos-freight.site"],
  ["NINO: AB 12 43 56 C", "uk-nino: AB 12 43 56 C"],
  ["Steuer-ID: 86095742719", "de-tax: 86095742719"],
  ["DNI 54362315K", "es-dni: 54362315K"],
  ["NIE: X2482300W", "es-nie: X2482300W"],
  ["2 55 08 14 168 025 38", "fr-nir: 2 55 08 14 168 025 38"],
  ["RSSMRA85T10A562S", "it-fiscal: RSSMRA85T10A562S"],
  ["BSN 111222333", "nl-bsn: 111222333"],
  ["CPF: 529.982.247-25", "br-cpf: 529.982.247-25"],
  ["Aadhaar 2341 2341 2346 and", "in-aadhaar: 2341 2341 2346"],
  ["PESEL 44051401359", "pl-pesel: 44051401359"],
  ["personnummer 811228-9874", "se-person-short: 811228-9874"],
  ["19811228-9874", "se-person: 19811228-9874"],
  ["rijksregister 85.07.30-033.28", "be-national: 85.07.30-033.28"],
  ["131052-308T", "fi-person: 131052-308T"],
  ["TC kimlik no 10000000146", ""],
  ["110105194912310021 is hers; 11010519491231002X is his", "cn-identity: 11010519491231002X"],
  ["756.9217.0769.85", "ch-ahv: 756.9217.0769.85"],
  ["RUT 30.686.957-4", "cl-rut: 30.686.957-4"],
  ["TFN 876 543 210", ""],
  ["SIN 130 692 544", "ca-sin: 130 692 544"],
  ["Date of birth: 14/03/1987", "birth-date: 14/03/1987"],
  ["DOB=1987-03-14", "birth-date: 1987-03-14"],
  ["she was born on March 14th, 1987 in", "birth-date: March 14th, 1987"],
  [
    "send it to 1247 Willow Creek Road, Denver, CO 80203 please",
    "street-address: 1247 Willow Creek Road, Denver, CO 80203",
  ],
  ["14 Harcourt Terrace, London SW10 9JR", "street-address: 14 Harcourt Terrace, London SW10 9JR"],
  ["wohnt Lindenstr. 17, 10969 Berlin", "street-address: Lindenstr. 17, 10969 Berlin"],
];

/** Numbers whose last digit or letter is a check digit, by their context words. */
const checked: readonly (readonly [string, string])[] = [
  ["NHS number 943-003-5770", "uk-nhs"],
  ["Thai national id 3170969460639", "th-national"],
  ["NRIC S8046215H", "sg-national"],
  ["HKID K704152(7)", "hk-identity"],
  ["身分證 F274018534", "tw-identity"],
  ["個人番号 6216 9830 4256", "jp-my-number"],
  ["CNP 6630113143430", "ro-cnp"],
  ["ЕГН 8052199063", "bg-egn"],
  ["OIB 83328905941", "hr-oib"],
  ["EMŠO 0101941501002", "balkan-jmbg"],
  ["isikukood 67509280169", "baltic-personal"],
  ["asmens kodas 35306240614", "baltic-personal"],
  ["161175-19997", "lv-personal"],
  ["TAJ 047 193 626", "hu-taj"],
  ["Sozialversicherungsnummer 1237 010180", "at-social"],
  ["Rentenversicherung 15070649C103", "de-pension"],
  ["kennitala 140175-3319", "is-kennitala"],
  ["PPS 6433435F", "ie-pps"],
  ["AMKA 01053059992", "gr-amka"],
  ["СНИЛС 112-233-445 95", "ru-snils"],
  ["РНОКПП 8457813756", "ua-rnokpp"],
  ["іпн 8457813756", "ua-rnokpp"],
  ["23-33835168-2", "ar-cuil"],
  ["Medicare 2428 77813 2", "au-medicare"],
];

/** Numbers recognized by their shape and an embedded date or block. */
const shaped: readonly (readonly [string, string])[] = [
  ["ITIN 916-96-4359", "us-itin"],
  ["RRN 9311018039962", "kr-resident-plain"],
  ["MyKad 730305-03-1243", "my-identity"],
  ["NIK 2131581302453000", "id-nik"],
  ["CNIC 34821-6812263-3", "pk-cnic"],
  ["national id 29003171204583", "eg-national"],
];

describe("national numbers of more countries", () => {
  const ids = (text: string): string[] => scanText(text).map(({ rule }) => rule);
  test.each([...checked, ...shaped])("%s is found", (text, id) => {
    expect(ids(text)).toEqual([id]);
  });

  /** Numbers whose check digit is not the last one. */
  const checkInside = new Set(["at-social", "de-pension", "is-kennitala", "au-medicare"]);
  test.each(checked.filter(([, id]) => !checkInside.has(id)))(
    "%s with another check digit is not",
    (text, id) => {
      const other = text.replace(/[\dA-Z](?=\)?$)/, (one) =>
        /\d/.test(one) ? String((Number(one) + 3) % 10) : "X",
      );
      expect(ids(other)).not.toContain(id);
    },
  );

  test("a number whose check digit stands in its middle is told by it", () => {
    expect(ids("Sozialversicherungsnummer 1238 010180")).not.toContain("at-social");
    expect(ids("kennitala 140175-3349")).not.toContain("is-kennitala");
    expect(ids("Medicare 2428 77843 2")).not.toContain("au-medicare");
    expect(ids("Rentenversicherung 15070649D103")).not.toContain("de-pension");
  });
});

const harmless: readonly string[] = [
  ...[
    "mail me at user@example.com or you@yourdomain.com",
    "noreply@github.com",
    "git@github.com:a/b.git",
    "name@domain.com",
  ],
  ...[
    "john.doe@company.com",
    "support@stripe.com",
    "logo@2x.png",
    "lodash@4.17.21",
    "@types/node",
    "a @ b.c",
    "x@y.z",
  ],
  ...[
    "1234567890",
    "+1234567890",
    "order 20240115123",
    "+1 555 010 0199",
    "(555) 555-0123",
    "call f(12345678)",
    "x+12345678901",
  ],
  ...[
    "192.168.1.1",
    "10.0.0.1",
    "127.0.0.1",
    "203.0.113.7",
    "version 4.18.2.1",
    "Chrome/120.0.6099.71",
    "1.3.6.1.4.1.311",
    "8.8.8.8",
  ],
  ...["::1", "fe80::1", "2001:db8::1", "12:34:56:78", "std::vector", "2024:10:11"],
  ...[
    "4539148803436468",
    "0.4539148803436467",
    "id: 4539148803436467",
    "1111 1111 1111 1111 x",
    "5000000000 6000000000",
  ],
  ...[
    "DE13 5001 0517 0648 4898 90",
    "GB82 WEST 1234 5698 7654 32",
    "AB12",
    "SSN 666-22-8147",
    "SSN 123-45-6789",
  ],
  ...[
    "AB123456C",
    "86095742719",
    "DNI 54362315A",
    "12345678Z",
    "RSSMRA85T10A562T",
    "111.111.111-11",
    "529.982.247-26",
    "44051401359",
  ],
  ...[
    "born in 1987",
    "birthday: soon",
    "released on 2020-01-01",
    "12 Angry Men",
    "221B Baker St",
    "5 Apple Way",
    "1 Main Street, Anytown, CA 90210",
  ],
  ...[
    "3.14159265358979",
    "2024-01-15 10:30:00",
    "1700000000000",
    "[1, 2, 3, 4, 5]",
    "192 168 1 100",
    "0x1234567890",
    "1,234,567,890",
  ],
];

describe("personal data", () => {
  test.each(cases)("%s", (text, expected) => {
    expect(found(text)).toEqual(expected === "" ? [] : [expected]);
  });

  test.each(harmless)("lets %s pass", (text) => {
    expect(found(text)).toEqual([]);
  });
});
