import { expect, test } from "vitest";
import { endpointAt, playedWorld, questionOf } from "../../../../test/support/ask-world.ts";
import { createAsker } from "./asker.ts";
import { Secret, shownText, withoutKey } from "./secret.ts";

const value = "sk-Proj+0123/abcdefGHIJ==";
const key = new Secret(value);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

test.each([
  ["as it is", value],
  ["in small letters, as names of models are", value.toLowerCase()],
  ["in an address", encodeURIComponent(value)],
  ["in an address, in small letters", encodeURIComponent(value).toLowerCase()],
  ["every letter escaped", [...value].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("")],
  ["escaped as JSON does twice", [...value].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join("")],
  ["broken over lines", value.replace(/(.{6})/g, "$1\r\n ")],
  ["with invisible characters", [...value].join("\u200b")],
  ["as Base64", base64(value)],
  ["as Base64 of a header", base64(`Bearer ${value}`)],
  ["as Base64 of a name and a password", base64(`me:${value}`)],
  ["as Base64 for addresses", Buffer.from(`x${value}?`).toString("base64url")],
  ["as digits", Buffer.from(value).toString("hex").toUpperCase()],
])("a key is taken out of an answer %s", (_, form) => {
  const hidden = withoutKey(`before ${form} behind`, key);
  expect(hidden).toContain("***");
  expect(hidden).toMatch(/^before .* behind$/s);
  const readBack = [hidden, hidden.replace(/\s/g, ""), Buffer.from(hidden, "base64").toString("latin1")];
  for (const text of readBack) expect(text.toLowerCase()).not.toContain("0123/abcdefghij");
});

test("what is no key stays as it is, however short the key of a local server", () => {
  const answer = "The answer is none: EMPTY, ollama. sk-Proj+0123/abcdefGHI";
  for (const word of ["none", "EMPTY", "ollama"]) expect(withoutKey(answer, new Secret(word))).toBe(answer);
  expect(withoutKey(answer, key)).toBe(answer);
  expect(withoutKey(answer, null)).toBe(answer);
  expect(shownText("not none", new Secret("none"))).toBe("not ***");
});

const signal = new AbortController().signal;

test("an endpoint that says the key back in every field gives answers without it", async () => {
  const halves = [value.slice(0, 9), value.slice(9)];
  const chunk = (content: string): string =>
    `data: ${JSON.stringify({ model: `m-1-${value}`, choices: [{ delta: { content }, finish_reason: null }] })}\n\n`;
  const streamed = new Response(
    `${halves.map(chunk).join("")}data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: value }] })}\n\ndata: [DONE]\n\n`,
    { headers: { "content-type": "text/event-stream" } },
  );
  const whole = Response.json({
    model: base64(value),
    choices: [{ message: { content: `Bearer ${value}` }, finish_reason: "stop" }],
  });
  const vectors = Response.json({ model: value, data: [{ index: 0, embedding: [1, 2] }] });
  const refusal = Response.json(
    { error: { message: `bad ${value}`, code: value, param: value } },
    { status: 400, statusText: "no" },
  );
  const world = playedWorld([streamed, whole, vectors, refusal]);
  const asker = createAsker(endpointAt("http://x.example/v1", { key }), world);
  const said = [
    await asker.complete(questionOf("a"), signal),
    await asker.complete(questionOf("b"), signal),
    await asker.embed(["c"], signal),
    await asker.complete(questionOf("d"), signal).catch((error: Error) => [error.message, error.stack]),
  ];
  const text = JSON.stringify(said);
  expect(text.match(/\*\*\*/g)?.length).toBeGreaterThan(5);
  for (const form of [value, base64(value)]) expect(text).not.toContain(form);
});
