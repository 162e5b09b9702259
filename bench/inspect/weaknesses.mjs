/**
 * @file Families of related weaknesses (kinds or causes of one another); a finding of any of them counts as right.
 *
 * Frozen: the scanner's own table before its second round of development (commit 7b6e48f1), without CWE-20, which is a
 * parent of almost everything. Do not extend it, because a larger family raises every score without a new rule. The
 * scanner's current table is in packages/datacheck/src/codescan/weaknesses.ts and may grow.
 *
 * @source MITRE CWE 4.17, views 699 and 1000: parents and children, and what follows from what
 */

const families = [
  [78, 77, 88, 116],
  [89, 564, 943, 200],
  [22, 23, 36, 73, 99, 425, 434, 641],
  [79, 80, 116, 94],
  [94, 95, 96, 917, 1336],
  [327, 328, 326, 916, 759, 760, 522, 295, 319],
  [330, 331, 338, 339, 335, 337, 340],
  [798, 259, 321, 522, 521, 256, 306, 454],
  [611, 776, 827, 643],
  [1333, 400, 730],
  [113, 601],
  [295, 297, 347],
  [329, 1204],
  [377, 379],
  [489, 215, 209, 200],
  [918, 22],
  [614, 1004, 319],
  [605, 200],
  [117, 200],
  [385, 208],
  [414, 667],
  // memory bounds: the exact number depends on the location of the buffer and on the reviewer
  [119, 120, 121, 122, 125, 129, 131, 193, 242, 676, 680, 787, 788, 805],
  [190, 191, 128, 197, 680, 681],
  [415, 416, 825],
  [476, 690, 252, 253, 754],
  [312, 313, 315, 359, 532, 200, 201],
  [367, 362, 377],
  [732, 276, 279],
  // object fields with user-controlled names; then loops and allocations with user-controlled sizes
  [915, 1321, 471],
  [834, 606, 400, 770],
  [20, 183, 184, 185, 625, 777],
  [346, 942, 183, 1385],
  [451, 1021],
  [345, 346, 347],
  [200, 538, 548],
];

/** Whether two CWE numbers are equal or in the same family. */
export function related(a, b) {
  return a === b || families.some((one) => one.includes(a) && one.includes(b));
}
