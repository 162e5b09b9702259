/** @file The bytes that each token represents, independent of its position in a text. */
import { problem } from "../problem/index.ts";
import { bytesOfByteLevel } from "./decoder.ts";
import type { PartConfig } from "./vendor.ts";

/** Represents a space in SentencePiece tokens. */
const spaceMark = "\u2581";

/**
 * Bytes by id; `null` for tokens that are not text and for ids without a token.
 *
 * @param names tokens by id
 * @param isText whether a token is part of a text
 * @throws {TunewiseError} `CONSTRAINT_TOKENIZER` if the text of a token depends on its neighbors
 */
export function tokenBytes(
  names: readonly (string | undefined)[],
  isText: (id: number) => boolean,
  decoder: PartConfig | null,
): (Uint8Array | null)[] {
  const bytesOf = wayOf(decoder);
  return Array.from(names, (name, id) => (name === undefined || !isText(id) ? null : bytesOf(name)));
}

function wayOf(decoder: PartConfig | null): (token: string) => Uint8Array {
  const types = typesIn(decoder);
  if (types.has("ByteLevel")) return (token) => Uint8Array.from(bytesOfByteLevel(token) ?? utf8(token));
  if (types.has("ByteFallback") || types.has("Metaspace")) {
    return (token) => {
      const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
      return byte === undefined
        ? utf8(token.replaceAll(spaceMark, " "))
        : Uint8Array.of(Number.parseInt(byte, 16));
    };
  }
  throw problem("CONSTRAINT_TOKENIZER", {
    found: [...types].join(", ").slice(0, 100) || "one without a decoder",
  });
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** Types of the decoder and of the parts of a sequence. */
function typesIn(decoder: PartConfig | null): Set<string> {
  const parts = decoder?.["decoders"];
  const all = [decoder, ...(Array.isArray(parts) ? parts : [])] as readonly (PartConfig | null)[];
  return new Set(all.flatMap((one) => (typeof one?.type === "string" ? [one.type] : [])));
}
