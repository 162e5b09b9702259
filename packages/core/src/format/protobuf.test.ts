/** @file Protobuf messages: examples from the format's documentation, a second encoder, and malformed bytes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BrokenMessage, type Field, fieldsIn, MessageFields, textOf } from "./read-protobuf.ts";
import { MessageWriter } from "./write-protobuf.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const read = (text: string): Field[] => [...fieldsIn(bytesOf(text))];

/** A varint, encoded literally as the format describes. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

describe("writing", () => {
  // protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2, and the first one nested in field 3
  test.each([
    ["an integer", new MessageWriter().integer(1, 150), "089601"],
    ["a negative one", new MessageWriter().integer(1, -2), "08feffffffffffffffff01"],
    ["nothing", new MessageWriter().integer(1, 0), "0800"],
    ["a text", new MessageWriter().text(2, "testing"), "120774657374696e67"],
    ["a message", new MessageWriter().message(3, new MessageWriter().integer(1, 150)), "1a03089601"],
    ["a fraction", new MessageWriter().float(2, 1), "150000803f"],
    ["a field of two bytes", new MessageWriter().integer(200, 1), "c00c01"],
    ["what is left out", new MessageWriter().optionalInteger(1, 0).optionalText(2, ""), ""],
    ["what is not", new MessageWriter().optionalInteger(1, 1).optionalText(2, "a"), "0801120161"],
    [
      "one behind another",
      new MessageWriter().integer(1, 1).append(new MessageWriter().integer(2, 2)),
      "08011002",
    ],
    ["an opening", new MessageWriter().opening(5, 300), "2aac02"],
  ])("%s", (_, message, expected) => {
    expect(hex(message.encode())).toBe(expected);
  });

  test("any integer is written as the format says, and read back", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 29 - 1 }), (value, field) => {
        const bytes = new MessageWriter().integer(field, value).encode();
        expect([...bytes]).toEqual([...varint(BigInt(field) * 8n), ...varint(BigInt(value))]);
        expect([...fieldsIn(bytes)]).toEqual([{ number: field, value, bytes: null }]);
      }),
    );
  });

  test("a fraction is no integer", () => {
    expect(() => new MessageWriter().integer(1, 0.5)).toThrow(RangeError);
  });
});

describe("reading", () => {
  test("the last value of a field counts; texts are a list", () => {
    const message = new MessageFields(
      new MessageWriter().integer(1, 5).integer(1, 7).text(2, "a").text(2, "b").encode(),
    );
    expect([message.integer(1), message.integer(9), message.text(2), message.text(9)]).toEqual([
      7,
      0,
      "b",
      "",
    ]);
    expect([message.texts(2), message.numbers(), message.has(2)]).toEqual([["a", "b"], [1, 2], true]);
    expect([message.text(1), message.integer(2), message.message(9)]).toEqual(["", 0, null]);
  });

  test("fields of a fixed width are passed over", () => {
    expect(read("0901020304050607080d01020304" + "1001")).toEqual([
      { number: 1, value: 0, bytes: null },
      { number: 1, value: 0, bytes: null },
      { number: 2, value: 1, bytes: null },
    ]);
  });

  test("text may be any bytes", () => {
    expect(textOf(Uint8Array.of(0x61, 0xff))).toBe("a\ufffd");
  });

  test.each([
    ["a number that is cut off", "0896", "cut off"],
    ["a number of eleven bytes", `08${"ff".repeat(10)}01`, "more than ten bytes"],
    ["a length beyond the end", "12056162", "5 bytes where 2 are left"],
    ["a length below zero", "12feffffffffffffffff01", "-2 bytes"],
    ["a length that no memory holds", "12ffffffffffffffff7f", "are left"],
    ["a fixed width that is cut off", "0d0102", "4 bytes where 2 are left"],
    ["a group", "0b", "wire type 3"],
    ["a field without a number", "0001", "without a number"],
    ["a key below zero", "f8ffffffffffffffff01", "without a number"],
  ])("%s is refused", (_, text, reason) => {
    expect(() => read(text)).toThrow(BrokenMessage);
    expect(() => read(text)).toThrow(reason);
  });

  test("whatever the bytes, they are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          for (const field of fieldsIn(bytes)) expect(field.bytes?.length ?? 0).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenMessage);
        }
      }),
    );
  });
});
