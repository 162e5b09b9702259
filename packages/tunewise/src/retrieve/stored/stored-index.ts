/** @file Serializes an index of words. Postings are not stored: they are derived from the terms of each passage. */

import { buildDenseIndex, type DenseIndex } from "../dense/dense-index.ts";
import type { Forward } from "../lexical/forward.ts";
import { finishIndex, type IndexedDocument, type LexicalIndex } from "../lexical/index-of-words.ts";
import { type LexicalSettings, lexicalSettings } from "../lexical/settings.ts";
import { MAX_VECTOR_SIZE } from "../limits.ts";
import type { Passage, SourceLocation } from "../passages/passage.ts";
import {
  numberBytes,
  readNumbers,
  readParts,
  readTexts,
  textBytes,
  unreadable,
  writeParts,
} from "./parts.ts";

const units: readonly (SourceLocation["unit"] | null)[] = [null, "page", "row", "line"];
const passageNumbers = 4;
const documentNumbers = 3;

/** Encodes an index; equal indexes yield equal bytes. */
export function encodeIndex(index: LexicalIndex): Uint8Array {
  const { forward } = index;
  const names = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const documents = Uint32Array.from(
    index.documents.flatMap(({ name, first, count }) => [numberOf(name), first, count]),
  );
  const passages = new Uint32Array(passageNumbers * index.passages.length);
  index.passages.forEach(({ document, title, place }, at) => {
    const unit = units.indexOf(place?.unit ?? null);
    passages.set([numberOf(document), numberOf(title), unit, place?.number ?? 0], passageNumbers * at);
  });
  return writeParts("words", [
    textBytes([JSON.stringify(index.settings)]),
    textBytes([...names.keys()]),
    numberBytes(documents),
    textBytes(index.documents.map(({ hash }) => hash)),
    numberBytes(passages),
    textBytes(index.passages.map(({ text }) => text)),
    textBytes(index.terms),
    ...[forward.starts, forward.terms, forward.titleCounts].map(numberBytes),
    ...[forward.bodyCounts, forward.titleLengths, forward.bodyLengths].map(numberBytes),
  ]);
}

/**
 * Decodes an index. Every number is validated before it is used.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` if the bytes are damaged, of a different version, or inconsistent
 */
export function decodeIndex(bytes: Uint8Array): LexicalIndex {
  const parts = readParts("words", bytes);
  const [settings] = readTexts(parts[0]);
  const names = readTexts(parts[1]);
  const passages = passagesOf(readNumbers(parts[4], Uint32Array), names, readTexts(parts[5]));
  const documents = documentsOf(
    readNumbers(parts[2], Uint32Array),
    names,
    readTexts(parts[3]),
    passages.length,
  );
  const terms = readTexts(parts[6]);
  const forward = {
    starts: readNumbers(parts[7], Uint32Array),
    terms: readNumbers(parts[8], Uint32Array),
    titleCounts: readNumbers(parts[9], Uint16Array),
    bodyCounts: readNumbers(parts[10], Uint16Array),
    titleLengths: readNumbers(parts[11], Uint32Array),
    bodyLengths: readNumbers(parts[12], Uint32Array),
  };
  checkForward(forward, passages.length, terms.length);
  return finishIndex(settingsOf(settings), documents, passages, terms, forward);
}

function settingsOf(text: string | undefined): LexicalSettings {
  try {
    return lexicalSettings(JSON.parse(text ?? "") as Partial<LexicalSettings>);
  } catch {
    throw unreadable("has settings that make no sense");
  }
}

function passagesOf(numbers: Uint32Array, names: readonly string[], texts: readonly string[]): Passage[] {
  if (numbers.length !== passageNumbers * texts.length) throw unreadable("has other passages than texts");
  return texts.map((text, at) => {
    const [document, title, kind, number] = numbers.subarray(passageNumbers * at, passageNumbers * (at + 1));
    const unit = units[kind as number];
    if (unit === undefined) throw unreadable("has a passage at no known kind of place");
    const place = unit === null ? null : { unit, number: number as number };
    return { document: nameOf(names, document), title: nameOf(names, title), place, text };
  });
}

/** Documents must be contiguous, and must contain either all passages or none. */
function documentsOf(
  numbers: Uint32Array,
  names: readonly string[],
  hashes: readonly string[],
  count: number,
): IndexedDocument[] {
  if (numbers.length !== documentNumbers * hashes.length) throw unreadable("has other documents than hashes");
  let next = 0;
  const documents = hashes.map((hash, at): IndexedDocument => {
    const [name, first, size] = numbers.subarray(documentNumbers * at, documentNumbers * (at + 1));
    if (first !== next) throw unreadable("has documents that leave a gap");
    next += size as number;
    return { name: nameOf(names, name), hash, first, count: size as number };
  });
  if (documents.length > 0 && next !== count) throw unreadable("has passages of no document");
  return documents;
}

function nameOf(names: readonly string[], number: number | undefined): string {
  const name = names[number ?? -1];
  if (name === undefined) throw unreadable("names something that is not in it");
  return name;
}

function checkForward(forward: Forward, passages: number, terms: number): void {
  const { starts } = forward;
  const size = forward.terms.length;
  const fits =
    starts.length === passages + 1 &&
    starts[0] === 0 &&
    starts[passages] === size &&
    starts.every((start, at) => at === 0 || start >= (starts[at - 1] as number)) &&
    [forward.titleCounts, forward.bodyCounts].every(({ length }) => length === size) &&
    [forward.titleLengths, forward.bodyLengths].every(({ length }) => length === passages) &&
    forward.terms.every((term) => term < terms);
  if (!fits) throw unreadable("has terms that do not fit its passages");
}

/** Encodes the vectors. */
export function encodeDenseIndex({ size, vectors }: DenseIndex): Uint8Array {
  return writeParts("vectors", [numberBytes(Uint32Array.of(size)), numberBytes(vectors)]);
}

/**
 * Decodes an index of vectors.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` if the bytes are damaged, of a different version, or not complete vectors
 */
export function decodeDenseIndex(bytes: Uint8Array): DenseIndex {
  const parts = readParts("vectors", bytes);
  const [size = 0] = readNumbers(parts[0], Uint32Array);
  const vectors = readNumbers(parts[1], Float32Array);
  const fits =
    size > 0 && size <= MAX_VECTOR_SIZE && vectors.length % size === 0 && vectors.every(Number.isFinite);
  if (!fits) throw unreadable(`has ${vectors.length} numbers that are no vectors of ${size}`);
  return buildDenseIndex(vectors, size);
}
