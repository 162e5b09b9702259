import { bytes, dollars, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { readTableText } from "../table-text.ts";
import { shippedPrices } from "./snapshot/snapshot.ts";
import { storedText, trimPrices } from "./stored.ts";
import { readStoredPrices, readUserPrices, readUserTable } from "./user-prices.ts";

const read = (value: unknown) =>
  readUserPrices({
    value,
    path: "prices.yaml",
    placeOf: (path) => ({ file: `prices.yaml:${path.join(".")}` }),
  });

/** `CODE at place: detail | fix` */
const told = (value: unknown): string[] =>
  read(value).findings.map(
    ({ code, where, detail, fix }) => `${code} at ${where[0]?.file}: ${detail} | ${fix}`,
  );

describe("a user's price file", () => {
  it("names machines, training and answers, marked as the user's own", () => {
    const { prices, findings } = read({
      as_of: "2026-11-20",
      machines: [{ gpu: "A100-80GB", count: 8, usd_per_hour: 9.5 }],
      training: [{ vendor: "rack", name: "any", usd_per_million_tokens: 0.3, billing: "padded-rows" }],
      inference: [
        {
          vendor: "rack",
          model: "m",
          input_usd_per_million_tokens: 0.1,
          output_usd_per_million_tokens: "0.2",
        },
      ],
    });
    const source = { name: "prices.yaml", asOf: "2026-11-20", isUserOwn: true };
    expect(findings).toEqual([]);
    expect(prices.machines).toEqual([
      {
        provider: "own",
        instance: "8 x A100-80GB",
        device: "A100-80GB",
        deviceCount: 8,
        deviceMemoryBytes: bytes(80 * 2 ** 30),
        vcpus: null,
        memoryBytes: null,
        region: "any",
        pricing: "on-demand",
        usdPerHour: usd(9.5),
        source,
      },
    ]);
    expect(prices.training[0]).toMatchObject({ billing: "padded-rows", parametersUpTo: null, source });
    expect(prices.inference[0]).toMatchObject({ outputUsdPerMillionTokens: usd(0.2), source });
  });

  it("reckons other currencies at the rate it states", () => {
    const machines = [
      { gpu: "L4", price_per_hour: 1 },
      { gpu: "T4", price_per_hour: 1, currency: "GBP" },
      { gpu: "A10", usd_per_hour: 1 },
      { gpu: "L40S", price_per_hour: 1, currency: "usd" },
    ];
    const { prices, findings } = read({ currency: "EUR", usd_per_eur: 1.08, usd_per_gbp: 1.27, machines });
    expect(findings).toEqual([]);
    expect(prices.machines.map(({ usdPerHour }) => dollars(usdPerHour))).toEqual([1.08, 1.27, 1, 1]);
  });

  it.each([
    [
      "no rate",
      { currency: "EUR", machines: [{ gpu: "L4", price_per_hour: 1 }] },
      "PRICE_RATE_MISSING at prices.yaml:machines.0.price_per_hour: price_per_hour is in EUR, but the file does not state the value of one EUR in dollars | usd_per_eur: 1.08",
    ],
    [
      "a currency that is none",
      { currency: "euros", machines: [] },
      "PRICE_VALUE_INVALID at prices.yaml:currency: currency of a price file must be three letters such as EUR, not euros | Correct currency of a price file",
    ],
    [
      "a price of zero",
      { machines: [{ gpu: "L4", usd_per_hour: 0 }] },
      "PRICE_VALUE_INVALID at prices.yaml:machines.0.usd_per_hour: usd_per_hour of machines[1] must be a price above 0 and up to 100000, not 0 | Correct usd_per_hour of machines[1]",
    ],
    [
      "a price below zero",
      { machines: [{ gpu: "L4", usd_per_hour: "-2" }] },
      "PRICE_VALUE_INVALID at prices.yaml:machines.0.usd_per_hour: usd_per_hour of machines[1] must be a price above 0 and up to 100000, not -2 | Correct usd_per_hour of machines[1]",
    ],
    [
      "no price",
      { machines: [{ gpu: "L4" }] },
      "PRICE_VALUE_INVALID at prices.yaml:machines.0.usd_per_hour: usd_per_hour of machines[1] must be a price above 0 and up to 100000, not nothing | Correct usd_per_hour of machines[1]",
    ],
    [
      "a mistyped device",
      { machines: [{ gpu: "A100-80G", usd_per_hour: 1 }] },
      "PRICE_DEVICE_UNKNOWN at prices.yaml:machines.0.gpu: A100-80G is not in the table of devices | did you mean `A100-80GB` or `A100-80GB-PCIe`?",
    ],
    [
      "an unheard-of device",
      { machines: [{ gpu: "Abacus", usd_per_hour: 1 }] },
      "PRICE_DEVICE_UNKNOWN at prices.yaml:machines.0.gpu: Abacus is not in the table of devices | use a name that this command shows: tunewise prices list",
    ],
    [
      "a mistyped key",
      { machines: [{ gpu: "L4", usd_per_huor: 1, usd_per_hour: 1 }] },
      "PRICE_KEY_UNKNOWN at prices.yaml:machines.0.usd_per_huor: usd_per_huor is not a key of machines[1] | did you mean `usd_per_hour`?",
    ],
    [
      "a mistyped section",
      { machine: [] },
      "PRICE_KEY_UNKNOWN at prices.yaml:machine: machine is not a key of a price file | did you mean `machines`?",
    ],
    [
      "a section that is no list",
      { machines: { gpu: "L4" } },
      "PRICES_FILE_INVALID at prices.yaml:machines: prices.yaml cannot be used: machines is not a list of at most 20,000 rows | Write lists of rows under machines, training and inference, as docs/prices.md shows",
    ],
    [
      "a row that is a word",
      { training: ["cheap"] },
      "PRICE_VALUE_INVALID at prices.yaml:training.0: training[1] must be a row with keys, not cheap | Correct training[1]",
    ],
    [
      "a date that is none",
      { as_of: "2026-02-30", machines: [] },
      "PRICE_VALUE_INVALID at prices.yaml:as_of: as_of of a price file must be a date such as 2026-11-25, not 2026-02-30 | Correct as_of of a price file",
    ],
    [
      "half a device",
      { machines: [{ gpu: "L4", count: 0.5, usd_per_hour: 1 }] },
      "PRICE_VALUE_INVALID at prices.yaml:machines.0.count: count of machines[1] must be a count from 1, not 0.5 | Correct count of machines[1]",
    ],
    [
      "a pricing of its own",
      { machines: [{ gpu: "L4", usd_per_hour: 1, pricing: "free" }] },
      "PRICE_VALUE_INVALID at prices.yaml:machines.0.pricing: pricing of machines[1] must be one of on-demand, spot, not free | Correct pricing of machines[1]",
    ],
    [
      "nothing at all",
      null,
      "PRICES_FILE_INVALID at prices.yaml: prices.yaml cannot be used: it holds no sections | Write lists of rows under machines, training and inference, as docs/prices.md shows",
    ],
  ])("with %s gets one finding", (_, value, finding) => {
    expect(told(value)).toEqual([finding]);
  });

  it("keeps its sound rows", () => {
    const machines = [
      { gpu: "L4", usd_per_hour: 0 },
      { gpu: "T4", usd_per_hour: 0.3 },
    ];
    expect(read({ machines }).prices.machines.map(({ device }) => device)).toEqual(["T4"]);
  });

  it("cannot flood or steer a terminal", () => {
    const machines = Array.from({ length: 200 }, () => ({
      gpu: `\u001b[31m${"x".repeat(500)}`,
      usd_per_hour: 1,
    }));
    const findings = told({ machines });
    expect(findings).toHaveLength(50);
    expect(findings.join("")).not.toContain("\u001b");
    expect(findings[0]?.length).toBeLessThan(400);
  });
});

describe("a user's table", () => {
  it("has a header of the same keys", () => {
    const { prices, findings } = readUserTable(
      "gpu,count,usd_per_hour,pricing\r\nL4,2,1.5,spot\r\n",
      "p.csv",
    );
    expect(findings).toEqual([]);
    expect(prices.machines).toEqual([
      expect.objectContaining({ device: "L4", deviceCount: 2, pricing: "spot" }),
    ]);
  });

  it("is told by line where it is wrong", () => {
    const { findings } = readUserTable("gpu,usd_per_hour\nL4,1\nL5,1\nL4,-1\nL4\n", "p.csv");
    expect(findings.map(({ code, where }) => [code, where[0]?.line])).toEqual([
      ["PRICE_DEVICE_UNKNOWN", 3],
      ["PRICE_VALUE_INVALID", 4],
      ["PRICE_KEY_UNKNOWN", 5],
      ["PRICE_VALUE_INVALID", 5],
      ["PRICE_VALUE_INVALID", 5],
    ]);
    expect(readUserTable("", "p.csv").findings[0]?.code).toBe("PRICES_FILE_INVALID");
  });
});

describe("tables", () => {
  const rows = (text: string) => [...readTableText(text).rows].map(({ line, record }) => [line, record]);
  it.each([
    [
      "plain",
      "a,b\n1,2\n3,4",
      [
        [2, { a: "1", b: "2" }],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "with quotes",
      'a,b\n"1,""x""\n",2\n3,4\n',
      [
        [2, { a: '1,"x"\n', b: "2" }],
        [4, { a: "3", b: "4" }],
      ],
    ],
    ["with a mark and Windows breaks", "\uFEFFa,b\r\n1,\r\n\r\n", [[2, { a: "1", b: "" }]]],
    [
      "with broken rows",
      'a,b\n1\n"1,2\n1"x,2\n5,6',
      [
        [2, null],
        [3, null],
        [4, null],
        [5, { a: "5", b: "6" }],
      ],
    ],
    [
      "with an endless cell",
      `a,b\n${"x".repeat(5000)},2\n5,6`,
      [
        [2, null],
        [3, { a: "5", b: "6" }],
      ],
    ],
    ["without rows", "a,b", []],
    ["with a column twice", "a,a\n1,2", []],
    ["with too many columns", `${"x,".repeat(70)}y\n1`, []],
  ])("%s", (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
  });
});

describe("the stored update", () => {
  it("is read as it was written", () => {
    const book = shippedPrices();
    const placeOf = () => ({ file: "prices.json" });
    const { prices, findings } = readStoredPrices({
      value: JSON.parse(storedText(book)),
      path: "prices.json",
      placeOf,
    });
    expect(findings).toEqual([]);
    expect(prices.training).toEqual(book.training);
    expect(prices.inference).toEqual(book.inference);
    const near = (value: number): number => Math.round(value / 2 ** 20);
    const rounded = ({ machines }: typeof book) =>
      machines.map((row) => ({ ...row, deviceMemoryBytes: near(row.deviceMemoryBytes) }));
    expect(rounded(prices)).toEqual(rounded(book));
  });

  it("keeps the six cheapest regions of each instance", () => {
    const [first] = shippedPrices().machines;
    if (first === undefined) throw new Error("no machines");
    const machines = [9, 3, 5, 1, 8, 2, 7, 4, 6].map((price) => ({
      ...first,
      region: `r${price}`,
      usdPerHour: usd(price),
    }));
    expect(
      trimPrices({ machines, training: [], inference: [] }).machines.map(({ region }) => region),
    ).toEqual(["r1", "r2", "r3", "r4", "r5", "r6"]);
  });
});
