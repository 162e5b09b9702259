/** @file Texts sorted by their bytes, so that those with the same next byte are adjacent. */

/** A sorted table of distinct texts. A place is an index in the sorted order. */
export class TextTable {
  /** Maps each place to the text's index in the given list. */
  readonly order: Int32Array;
  private readonly sorted: readonly Uint8Array[];

  constructor(texts: readonly Uint8Array[]) {
    this.order = Int32Array.from(texts.keys()).sort((a, b) =>
      Buffer.compare(texts[a] as Uint8Array, texts[b] as Uint8Array),
    );
    this.sorted = Array.from(this.order, (index) => texts[index] as Uint8Array);
  }

  /**
   * Narrows a range of places to the texts with this byte at `depth`. All texts of the range share their first `depth`
   * bytes and are longer.
   */
  narrow(low: number, high: number, depth: number, byte: number): [low: number, high: number] {
    return [this.firstFrom(low, high, depth, byte), this.firstFrom(low, high, depth, byte + 1)];
  }

  /** Drops places at both ends whose index in the given list is not between `from` and `until`, inclusive. */
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

  /** The first place of a range whose text has at least this byte at `depth`; `high` if there is none. */
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
