/**
 * @file Related weaknesses: kinds or causes of one another, which scanners report under different CWE numbers.
 *
 * @source MITRE CWE 4.17, views 699 and 1000: parents and children, and what follows from what
 */

const families: readonly (readonly number[])[] = [
  [78, 77, 88, 116],
  [89, 564, 943, 200],
  [22, 23, 36, 73, 98, 99, 425, 434, 641, 706, 20],
  [79, 80, 116, 20, 94],
  [94, 95, 96, 917, 1336],
  [327, 328, 326, 916, 759, 760, 522, 295, 319, 1240],
  // predictable or reused initialization vectors; padding that reveals the text
  [327, 329, 323, 780, 1204],
  [330, 331, 332, 335, 336, 337, 338, 339, 340, 1241],
  [798, 259, 321, 522, 521, 256, 306, 454],
  [807, 285, 287, 290, 302, 565, 784],
  [611, 776, 827, 20, 643],
  [91, 643, 652],
  [502, 20],
  [1333, 400, 730, 20],
  [601, 20],
  [113, 20, 601],
  [295, 297, 322, 347],
  [329, 1204],
  [377, 379],
  [489, 215, 209, 200],
  [918, 22, 20],
  [614, 1004, 311, 319, 1275],
  [605, 200, 668, 1327],
  [117, 200],
  [385, 208],
  // memory bounds: the number depends on the buffer's location and on the access
  [119, 120, 121, 122, 124, 125, 126, 127, 129, 131, 170, 193, 242, 466, 467, 676, 680, 786, 787, 788, 805],
  // a number that changes its value by overflow, truncation or sign conversion
  [190, 191, 128, 192, 194, 195, 196, 197, 680, 681],
  // use, release or double release at the wrong time
  [415, 416, 825, 666, 672, 826, 910],
  // released by a function that does not match the allocation
  [590, 761, 762, 763],
  // never released
  [401, 404, 771, 772, 773, 775],
  [456, 457, 665, 824, 908, 909],
  // locks acquired or released twice, or never
  [413, 414, 667, 764, 765, 832, 833],
  [364, 432, 479, 663, 828],
  [362, 366],
  [114, 77, 78],
  [114, 73, 426, 427, 428],
  [480, 481, 482, 597, 783],
  [478, 484, 670],
  [226, 244],
  [476, 690, 252, 253, 754],
  [311, 312, 313, 315, 359, 526, 532, 534, 922, 200, 201],
  // third-party code and files used without verification
  [345, 353, 494, 829, 830],
  [311, 312, 319, 614],
  [367, 362, 377],
  [732, 276, 279],
  // fields of an object selected by any name; unbounded loops and lists
  [915, 1321, 471],
  [834, 606, 400, 674, 770, 789, 835],
  [20, 183, 184, 185, 625, 777],
  [346, 942, 183, 1385],
  [451, 1021],
  [345, 346, 347, 287],
  [200, 497, 526, 538, 548],
];

/** Whether two CWE numbers name the same weakness, or one is a kind or cause of the other. */
export function areRelated(a: number, b: number): boolean {
  return a === b || families.some((one) => one.includes(a) && one.includes(b));
}
