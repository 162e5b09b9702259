/** @file Constants of C's headers, as they are on 64-bit systems. */

const bits = (count: number): number => 2 ** count;

/** Limits of types, sizes of names and what functions give where they fail. */
export const limits: readonly (readonly [string, number])[] = [
  ...(["CHAR", "SCHAR", "INT8"] as const).flatMap((name) => signed(name, 8)),
  ...(["SHRT", "INT16"] as const).flatMap((name) => signed(name, 16)),
  ...(["INT", "INT32"] as const).flatMap((name) => signed(name, 32)),
  ...(["LONG", "LLONG", "INT64", "SSIZE", "INTPTR"] as const).flatMap((name) => signed(name, 64)),
  ...[["UCHAR_MAX", bits(8) - 1] as const, ["UINT8_MAX", bits(8) - 1] as const],
  ...[["USHRT_MAX", bits(16) - 1] as const, ["UINT16_MAX", bits(16) - 1] as const],
  ...[["UINT_MAX", bits(32) - 1] as const, ["UINT32_MAX", bits(32) - 1] as const],
  ...[["ULONG_MAX", bits(64)] as const, ["UINT64_MAX", bits(64)] as const, ["SIZE_MAX", bits(64)] as const],
  ...[["RAND_MAX", bits(31) - 1] as const, ["EOF", -1] as const, ["INVALID_HANDLE_VALUE", -1] as const],
  ...[["BUFSIZ", 8192] as const, ["PATH_MAX", 4096] as const, ["FILENAME_MAX", 4096] as const],
  ...[["MAX_PATH", 260] as const, ["NAME_MAX", 255] as const],
];

function signed(name: string, width: number): (readonly [string, number])[] {
  return [
    [`${name}_MAX`, bits(width - 1) - 1],
    [`${name}_MIN`, -bits(width - 1)],
  ];
}
