/** @file Bodies of requests and responses as the network carries them: bytes, perhaps compressed. */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { parseJson } from "@tunewise/core/untrusted";
import { answerOfBody, fieldsOf } from "./answer-of-body.ts";
import { type CapturedCall, maxCallSize } from "./recorder.ts";
import type { CallFacts } from "./row-of-call.ts";

/** A call as bytes. */
export interface CallBodies {
  readonly request: Body;
  readonly answer: Body;
  /** Status of the response. */
  readonly status: number;
  readonly facts: CallFacts;
}

/** A body. */
export interface Body {
  readonly bytes: Uint8Array;
  /** `content-encoding`, such as `gzip`. */
  readonly encoding: string;
}

/** A call whose bodies are decoded when it is recorded. */
export function callOfBodies({ request, answer, status, facts }: CallBodies): CapturedCall {
  return {
    facts,
    size: request.bytes.length + answer.bytes.length,
    read: () => ({
      request: fieldsOf(parseJson(textOf(request))),
      answer: status === 200 ? answerOfBody(textOf(answer), facts.isStream) : null,
    }),
  };
}

/** Decoders by encoding. @source RFC 9110, 8.4.1; `br`: RFC 7932 */
const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "": (bytes) => bytes,
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes, { maxOutputLength: maxCallSize }),
  "x-gzip": (bytes) => gunzipSync(bytes, { maxOutputLength: maxCallSize }),
  deflate: (bytes) => inflateSync(bytes, { maxOutputLength: maxCallSize }),
  br: (bytes) => brotliDecompressSync(bytes, { maxOutputLength: maxCallSize }),
};

/** @throws {RangeError} for an unknown encoding, or a body that expands too much */
function textOf({ bytes, encoding }: Body): string {
  const name = encoding.trim().toLowerCase();
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decode === undefined) throw new RangeError(`the encoding ${name} is unknown`);
  return new TextDecoder().decode(decode(bytes));
}
