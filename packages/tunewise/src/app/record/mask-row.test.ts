import { randomStream } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { answerOfBody } from "./answer-of-body.ts";
import { rowMask, valueMask } from "./mask-row.ts";
import { type CallFacts, rowOfCall } from "./row-of-call.ts";

const { below } = randomStream(38);
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const draw = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[below(alphabet.length)]).join("");
const digits = (length: number): string => draw("123456789", 1) + draw("0123456789", length - 1);
const word = (): string => draw("abcdefghijklmnopqrstuvwxyz", 4 + below(6));

/** The last digit of a card number. @source ISO/IEC 7812-1, Luhn's formula */
function luhn(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, at) => {
    const double = at % 2 === 0 ? 2 * Number(digit) : Number(digit);
    return total + (double > 9 ? double - 9 : double);
  }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

/** Generated values by kind. None is written in this file. */
const values: Readonly<Record<string, () => string>> = {
  "OpenAI key": () => `sk-${"proj"}-${draw(letters, 48)}`,
  "GitHub token": () => `github_pat_${draw(letters, 22)}_${draw(letters, 59)}`,
  "AWS key": () => `AKIA${draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}`,
  "Slack token": () => `xox${"b"}-${digits(12)}-${digits(12)}-${draw(letters, 24)}`,
  "Google key": () => `AIza${draw(letters, 35)}`,
  "Stripe key": () => `sk_${"live"}_${draw(letters, 24)}`,
  "Hugging Face token": () => `hf_${draw(letters.slice(0, 52), 34)}`,
  "database URL": () => `postgres://${word()}:${draw(letters, 16)}@db.example.org:5432/app`,
  "e-mail address": () => `${word()}.${word()}@${word()}.com`,
  "card number": () => luhn(`4${digits(14)}`),
  "phone number": () => `+43 664 ${digits(4)} ${digits(3)}`,
  "public address": () => `203.${1 + below(250)}.${1 + below(250)}.${1 + below(250)}`,
};

/** Where a value may be. Each returns a request and the body of its answer. */
const positions: Readonly<
  Record<string, (value: string) => { request: object; answer: string; isStream?: boolean }>
> = {
  prompt: (value) => ({ request: asked(`Please look at ${value}, thanks.`), answer: whole("Done.") }),
  "system message": (value) => ({
    request: {
      messages: [
        { role: "system", content: `Use ${value}\nnow` },
        { role: "user", content: "Hi" },
      ],
    },
    answer: whole("Done."),
  }),
  "text parts": (value) => ({
    request: {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: `see ${value.slice(0, 7)}` },
            { type: "text", text: `${value.slice(7)} there` },
          ],
        },
      ],
    },
    answer: whole("Done."),
  }),
  "JSON in a prompt": (value) => ({
    request: asked(JSON.stringify({ a: [1, { note: `line\n${value}\n"quoted"` }] })),
    answer: whole("Done."),
  }),
  "escaped JSON": (value) => ({
    request: asked(
      `{"note":"${[...value].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"}`,
    ),
    answer: whole("Done."),
  }),
  answer: (value) => ({ request: asked("Which?"), answer: whole(`It is ${value}`) }),
  "tool arguments": (value) => ({
    request: asked("Call."),
    answer: whole(null, [
      {
        id: "c",
        type: "function",
        function: { name: "f", arguments: JSON.stringify({ x: { y: [value] } }) },
      },
    ]),
  }),
  "tool result": (value) => ({
    request: {
      messages: [
        { role: "user", content: "Call." },
        { role: "tool", tool_call_id: "c", content: JSON.stringify({ ok: true, value }) },
      ],
    },
    answer: whole("Done."),
  }),
  "tool definition": (value) => ({
    request: {
      ...asked("Hi"),
      tools: [{ type: "function", function: { name: "f", description: `Use ${value}` } }],
    },
    answer: whole("Done."),
  }),
  "pieces of a stream": (value) => ({
    request: asked("Hi"),
    answer: streamed(`It is ${value}!`, "content"),
    isStream: true,
  }),
  "reasoning of a stream": (value) => ({
    request: asked("Hi"),
    answer: streamed(`Hm, ${value}.`, "reasoning_content"),
    isStream: true,
  }),
};

function asked(content: string): object {
  return { messages: [{ role: "user", content }] };
}

function whole(content: string | null, toolCalls?: readonly object[]): string {
  const message = { role: "assistant", content, ...(toolCalls && { tool_calls: toolCalls }) };
  return JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: "stop" }] });
}

/** A stream whose pieces have one to four characters. */
function streamed(text: string, field: string): string {
  const events: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = 1 + below(4);
    events.push(
      JSON.stringify({ id: "1", choices: [{ index: 0, delta: { [field]: text.slice(at, at + length) } }] }),
    );
    at += length;
  }
  const end = [{ index: 0, delta: field === "content" ? {} : { content: "Yes" }, finish_reason: "stop" }];
  return [...events, JSON.stringify({ id: "1", choices: end }), "[DONE]"]
    .map((one) => `data: ${one}\n\n`)
    .join("");
}

const facts: CallFacts = { timeMs: 0, latencyMs: 1, firstByteMs: 1, isStream: false, user: null };

test("at least 99 % of generated secrets and personal data are masked, in every position", () => {
  const mask = rowMask(["pii", "secrets"]);
  const missed: string[] = [];
  let all = 0;
  for (const [kind, make] of Object.entries(values)) {
    for (const [position, place] of Object.entries(positions)) {
      for (let round = 0; round < 20; round++) {
        const value = make();
        const { request, answer: body, isStream = false } = place(value);
        const answer = answerOfBody(body, isStream);
        if (answer === null) throw new Error("no answer");
        const row = rowOfCall(request as never, answer, facts, { salt: "s", priceOf: () => null });
        if (row === null) throw new Error("no row");
        const written = JSON.stringify(mask(row));
        const escaped = /\\\\u00/.test(written);
        all++;
        if (escaped || written.includes(JSON.stringify(value).slice(1, -1)))
          missed.push(`${kind} in ${position}`);
      }
    }
  }
  const counts = new Map<string, number>();
  for (const one of missed) counts.set(one, (counts.get(one) ?? 0) + 1);
  expect(
    [...counts]
      .map(([name, count]) => `${name}: ${count}`)
      .filter((_, at) => at < 20 && missed.length > all / 100),
  ).toEqual([]);
  expect(all).toBe(12 * 11 * 20);
});

describe("valueMask", () => {
  test("masks the named kinds alone", () => {
    const secret = values["GitHub token"]?.() ?? "";
    const text = `${secret} of ada@lovelace.dev`;
    expect(valueMask(["pii"])(text)).toMatch(/^github_pat_\S+ of <EMAIL_\d+>$/);
    expect(valueMask(["secrets"])(text)).toMatch(/^<API_KEY_\d+> of ada@lovelace\.dev$/);
    expect(valueMask([])(text)).toBe(text);
  });

  test("finds a password by the name of its field, and masks names of fields", () => {
    const value = { password: draw(letters, 14), "eve@lovelace.dev": { deep: [null, 1, true] } };
    expect(valueMask(["pii", "secrets"])(value)).toEqual({
      password: expect.stringMatching(/^<(?:PASSWORD|API_KEY)_\d+>$/),
      [Object.keys(valueMask(["pii"])({ "eve@lovelace.dev": 1 }))[0] ?? ""]: { deep: [null, 1, true] },
    });
  });

  test("masks card numbers as values of JSON, which stays JSON", () => {
    const number = Number(luhn(`4${digits(14)}`));
    const text = valueMask(["pii"])(JSON.stringify({ a: [number, 1], b: number }));
    const placeholder = expect.stringMatching(/^<CARD_\d+>$/);
    expect(JSON.parse(text)).toEqual({ a: [placeholder, 1], b: placeholder });
    expect(valueMask(["pii"])({ b: [number] })).toEqual({ b: [placeholder] });
  });

  test("leaves plain text, code and schemas as they are", () => {
    const plain = [
      "Order 66 of 2024-05-01 cost 1,204.50 EUR; see section 3.2.1.",
      'const max_tokens = 4096; if (key === "id") return items[0];',
      {
        type: "object",
        properties: { token: { type: "string" }, password: { type: "string", minLength: 8 } },
      },
    ];
    expect(valueMask(["pii", "secrets"])(plain)).toEqual(plain);
  });
});
