/** @file The name of a request: the same for all that decides its answer, and for nothing else. */
import { createHash } from "node:crypto";
import { type Endpoint, placeOf } from "./endpoint.ts";
import type { AskedQuestion } from "./question.ts";

/** Grows when the same question is put to endpoints in another way. */
const version = 1;

/**
 * SHA-256 as hex of a question at an endpoint: address, style, model and the whole question, in a text that is one for
 * all orders of keys. The key of the endpoint, patience and concurrency are no part of it.
 */
export function requestKey(
  endpoint: Pick<Endpoint, "url" | "style" | "model">,
  question: AskedQuestion,
): string {
  const { url, style, model } = endpoint;
  const { messages, maxTokens, temperature, topP, seed, stop, jsonSchema = null } = question;
  const asked = { messages: messages.map(({ role, content }) => ({ role, content })), maxTokens };
  const decided = { ...asked, temperature, topP, seed, stop, jsonSchema };
  return digest({ version, place: placeOf(url), style, model, ...decided });
}

/** The same for the vector of a text. */
export function vectorKey(endpoint: Pick<Endpoint, "url" | "style" | "model">, text: string): string {
  const { url, style, model } = endpoint;
  return digest({ version, place: placeOf(url), style, model, embed: text });
}

function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** JSON with the keys of each object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}
