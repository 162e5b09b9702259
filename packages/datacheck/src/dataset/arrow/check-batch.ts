/**
 * @file Checks decoded columns of an Arrow file: the decoder trusts lengths and offsets, which may overlap in a
 * crafted file, so that a few bytes become gigabytes.
 */

import { MAX_ROWS } from "../limits.ts";
import type { FlatTable } from "./flatbuffer.ts";
import { checkParts } from "./messages.ts";

/** Kinds of values, by their number. @source apache/arrow format/Schema.fbs, version 1.5 */
const kind = {
  dictionary: -1,
  null: 1,
  binary: 4,
  utf8: 5,
  bool: 6,
  list: 12,
  struct: 13,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
} as const;

/** Numbers, decimals, dates and times: fixed bytes each. */
const fixedWidth: ReadonlySet<number> = new Set([2, 3, 7, 8, 9, 10, 11, 18]);

/** A decoded batch of a column, with the parts that the decoder's declarations omit. */
export interface ColumnBatch {
  readonly length: number;
  readonly nullCount: number;
  readonly type: { readonly typeId: number; readonly stride?: number; readonly bitWidth?: number };
  readonly validity?: Uint8Array;
  readonly values?: ArrayLike<unknown> & { readonly byteLength: number };
  readonly offsets?: ArrayLike<number | bigint>;
  readonly children?: readonly ColumnBatch[];
  readonly data?: readonly Uint8Array[];
}

/**
 * Checks a batch and those below it.
 *
 * @throws {Error} for lengths and offsets that do not fit, and for kinds of columns that are not supported
 */
export function checkBatch(parts: ColumnBatch): void {
  const { length, nullCount, type, validity, values, children = [] } = parts;
  if (!(length >= 0 && Number.isSafeInteger(length))) throw new Error(`a column claims ${length} values`);
  const require = (holds: boolean): void => {
    if (!holds) throw new Error(`a column of ${length} values is shorter`);
  };
  require(
    nullCount === 0 || validity === undefined || validity.length === 0 || 8 * validity.length >= length,
  );
  const bytes = values?.byteLength ?? 0;
  if (type.typeId === kind.null) require(length <= MAX_ROWS);
  else if (type.typeId === kind.dictionary) require((values?.length ?? 0) >= length);
  else if (type.typeId === kind.bool) require(8 * bytes >= length);
  else if (type.typeId === kind.fixedSizeBinary)
    require(length === 0 || bytes >= length * (type.stride ?? 1));
  else if (fixedWidth.has(type.typeId)) require(length === 0 || 8 * bytes >= length * (type.bitWidth ?? 8));
  else if (type.typeId === kind.struct) require(lengthOfAll(children, MAX_ROWS) >= length);
  else if (type.typeId === kind.fixedSizeList) {
    const stride = type.stride ?? 0;
    require(length <= MAX_ROWS && lengthOfAll(children, 0) >= length * stride);
  } else if (type.typeId === kind.utf8View || type.typeId === kind.binaryView) checkViews(parts);
  else if (offsetKinds.has(type.typeId))
    checkOffsets(parts.offsets ?? [], length, children.length > 0 ? lengthOfAll(children, 0) : bytes);
  else throw new Error(`columns of type ${type.typeId} are not supported`);
  for (const child of children) checkBatch(child);
}

const offsetKinds: ReadonlySet<number> = new Set([
  kind.binary,
  kind.utf8,
  kind.list,
  kind.map,
  kind.largeBinary,
  kind.largeUtf8,
  kind.largeList,
]);

/** Length of the shortest child; `none` if there is none. */
function lengthOfAll(children: readonly ColumnBatch[], none: number): number {
  return children.length === 0 ? none : Math.min(...children.map(({ length }) => length));
}

/** Offsets must increase, so that no byte or value belongs to two rows. */
function checkOffsets(offsets: ArrayLike<number | bigint>, length: number, end: number): void {
  if (length === 0) return;
  if (offsets.length <= length) throw new Error(`a column of ${length} values is shorter`);
  let before = Number(offsets[0]);
  if (before < 0) throw new Error("a column's offsets are not in order");
  for (let at = 1; at <= length; at++) {
    const offset = Number(offsets[at]);
    if (offset < before) throw new Error("a column's offsets are not in order");
    before = offset;
  }
  if (before > end) throw new Error("a column ends behind its bytes");
}

/** Views may refer to the same bytes: together to at most this many per byte, as a dictionary would. */
const maxViewBytes = 2 ** 28;

function checkViews({ length, values, data = [] }: ColumnBatch): void {
  const bytes = values as unknown as Uint8Array;
  if (bytes.byteLength < 16 * length) throw new Error(`a column of ${length} values is shorter`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  for (let at = 0; at < length; at++) {
    const size = view.getInt32(16 * at, true);
    total += size;
    if (size < 0 || total > maxViewBytes) throw new Error("a column refers to the same bytes too often");
    if (size <= 12) continue;
    const end = view.getInt32(16 * at + 12, true) + size;
    if (!(end <= (data[view.getInt32(16 * at + 8, true)]?.length ?? 0)))
      throw new Error("a column ends behind its bytes");
  }
}

/** Unpacks a part of a message's body. */
export type Unpack = (packed: Uint8Array, codec: number, length: number) => Uint8Array;

/**
 * Checks the values of a dictionary before the decoder reads all of them.
 *
 * @param typeId kind of its values
 * @throws {Error} for offsets that do not fit, and for nested values
 */
export function checkDictionary(header: FlatTable, body: Uint8Array, typeId: number, unpack: Unpack): void {
  const hasOffsets = typeId === kind.utf8 || typeId === kind.largeUtf8;
  if (!hasOffsets && !fixedWidth.has(typeId))
    throw new Error(`dictionaries of type ${typeId} are not supported`);
  const batch = header.table(1);
  if (batch === null) throw new Error("a dictionary has no values");
  checkParts(batch);
  const nodes = batch.items(1, 16);
  const { from, count } = batch.items(2, 16);
  const length = batch.long(0);
  if (nodes.count !== 1 || batch.longAt(nodes.from) !== length || count !== (hasOffsets ? 3 : 2))
    throw new Error("a dictionary's parts do not match");
  const part = (index: number): Uint8Array => {
    const [start, size] = [batch.longAt(from + 16 * index), batch.longAt(from + 16 * index + 8)];
    if (start < 0 || size < 0 || start + size > body.length)
      throw new Error("a dictionary is longer than its message");
    const bytes = body.subarray(start, start + size);
    const compression = batch.table(3);
    if (compression === null || bytes.length < 8) return bytes;
    const unpacked = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
    return unpacked === -1 ? bytes.subarray(8) : unpack(bytes.subarray(8), compression.byte(0), unpacked);
  };
  const values = part(1);
  if (length < 0 || length > values.length) throw new Error(`a dictionary of ${length} values is shorter`);
  if (!hasOffsets) return;
  const Offsets = typeId === kind.utf8 ? Int32Array : BigInt64Array;
  // copied, since a part of unpacked bytes may lie at any offset
  checkOffsets(new Offsets(new Uint8Array(values).buffer), length, part(2).length);
}
