/**
 * @file Reads the tables of a flatbuffer, as the metadata of Arrow messages are. Each access is checked against the
 * bytes, so that a damaged file is a `RangeError` and never a wrong value from elsewhere.
 *
 * @source flatbuffers.dev, "FlatBuffer internals"; apache/arrow format/Message.fbs and format/Schema.fbs, version 1.5
 */

/** A table: its fields by slot, which is their order in the schema file. */
export interface FlatTable {
  /** Offset of a field in the bytes; `null` if it is absent. */
  at(slot: number): number | null;
  byte(slot: number): number;
  int(slot: number): number;
  long(slot: number): number;
  table(slot: number): FlatTable | null;
  /** Tables of a vector. */
  tables(slot: number): FlatTable[];
  /** Offset of the first item of a vector, and their number, which fits into the bytes. */
  items(slot: number, bytesEach: number): { readonly from: number; readonly count: number };
  /** An integer of 64 bits at an offset. */
  longAt(offset: number): number;
}

/** The root table of the bytes. */
export function flatRoot(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return tableAt(view, view.getUint32(0, true));
}

function tableAt(view: DataView, start: number): FlatTable {
  const fields = start - view.getInt32(start, true);
  const size = view.getUint16(fields, true);
  const at = (slot: number): number | null => {
    const entry = 4 + 2 * slot;
    const offset = entry < size ? view.getUint16(fields + entry, true) : 0;
    return offset === 0 ? null : start + offset;
  };
  const longAt = (offset: number): number => Number(view.getBigInt64(offset, true));
  const vector = (slot: number, bytesEach: number): { readonly from: number; readonly count: number } => {
    const field = at(slot);
    if (field === null) return { from: 0, count: 0 };
    const from = field + view.getUint32(field, true);
    const count = view.getUint32(from, true);
    if (from + 4 + count * bytesEach > view.byteLength)
      throw new RangeError("a vector is longer than its bytes");
    return { from: from + 4, count };
  };
  return {
    at,
    longAt,
    byte: (slot) => ((offset) => (offset === null ? 0 : view.getUint8(offset)))(at(slot)),
    int: (slot) => ((offset) => (offset === null ? 0 : view.getInt32(offset, true)))(at(slot)),
    long: (slot) => ((offset) => (offset === null ? 0 : longAt(offset)))(at(slot)),
    table(slot): FlatTable | null {
      const offset = at(slot);
      return offset === null ? null : tableAt(view, offset + view.getUint32(offset, true));
    },
    tables(slot): FlatTable[] {
      const { from, count } = vector(slot, 4);
      return Array.from({ length: count }, (_, index) => {
        const offset = from + 4 * index;
        return tableAt(view, offset + view.getUint32(offset, true));
      });
    },
    items: vector,
  };
}
