/** @file Formats a table row as text that can be understood without the rows above it. */

/** `Name: Ada; Born: 1815`, or only the cells if the table has no header. */
export function rowText(header: readonly string[], cells: readonly string[]): string {
  const named = cells.map((cell, at) => {
    const name = header[at] ?? "";
    return name === "" || cell === "" ? cell : `${name}: ${cell}`;
  });
  const filled = named.filter((cell) => cell !== "");
  return filled.join(header.some((name) => name !== "") ? "; " : " | ");
}
