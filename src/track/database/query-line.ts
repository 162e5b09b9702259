/**
 * @file Answers of statements as lines of JSON, between the process that runs them and the one that asks.
 */
import type { QueryAnswer } from "./foreign-queries.ts";

/** Bytes and whole numbers that JSON cannot carry travel as objects. */
export function encodeAnswer(answer: QueryAnswer): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === "bigint") {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : { whole: String(value) };
    }
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("hex") } : value;
  });
}

/** The answer in a line. */
export function decodeAnswer(line: string): QueryAnswer {
  return JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("whole" in value) return BigInt(String(value.whole));
    return "bytes" in value ? new Uint8Array(Buffer.from(String(value.bytes), "hex")) : value;
  }) as QueryAnswer;
}
