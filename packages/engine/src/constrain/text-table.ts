/** @file Texts in the order of their bytes, so that those that go on with a byte lie side by side. */

/** A table of texts that differ. Places in it are those of the sorted order. */
export class TextTable {
  /** By place, the text's index in the list that was given. */
  readonly order: Int32Array;
  private readonly sorted: readonly Uint8Array[];

  constructor(texts: readonly Uint8Array[]) {
    this.order = Int32Array.from(texts.keys()).sort((a, b) =>
      Buffer.compare(texts[a] as Uint8Array, texts[b] as Uint8Array),
    );
    this.sorted = Array.from(this.order, (index) => texts[index] as Uint8Array);
  }

  /** Of the places from `low` to before `high`, whose texts are alike and longer up to `depth`, those with this byte there. */
  narrow(low: number, high: number, depth: number, byte: number): [low: number, high: number] {
    return [this.firstFrom(low, high, depth, byte), this.firstFrom(low, high, depth, byte + 1)];
  }

  /** The same places without those at either end that were not given between `from` and `until`. */
  trim(low: number, high: number, from: number, until: number): [low: number, high: number] {
    const isMeant = (place: number): boolean => {
      const index = this.order[place] as number;
      return from <= index && index <= until;
    };
    let [first, end] = [low, high];
    while (first < end && !isMeant(first)) first++;
    while (first < end && !isMeant(end - 1)) end--;
    return [first, end];
  }

  /** The first of some places whose text has at least this byte at `depth`; `high` if none has. */
  private firstFrom(low: number, high: number, depth: number, byte: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.sorted[middle]?.[depth] as number) >= byte) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
