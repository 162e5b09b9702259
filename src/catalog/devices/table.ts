/** @file Table of accelerators for fine-tuning: memory, speed, bandwidth, interconnect. */

/** Interconnect between the cards of a machine. */
export type DeviceLink = "nvlink" | "infinity-fabric" | "pcie";

/** A row of the table; `devices.ts` converts it into a `Device`. */
export interface DeviceRow {
  readonly name: string;
  /** Other names in catalogs and trainers; case, spaces and hyphens are ignored. */
  readonly aliases: readonly string[];
  /** Nominal memory. */
  readonly labelGib: number;
  /** MiB reported by a driver; if absent, derived from the nominal value and the kind of memory. */
  readonly reportedMib?: number;
  /** Kind of memory; GDDR with ECC loses a sixteenth. */
  readonly memory: "corrected gddr" | "gddr" | "hbm";
  /** Dense 16-bit peak in TFLOP/s: bf16, or fp16 on cards without bf16. */
  readonly tflops: number;
  readonly bandwidthGbPerSecond: number;
  /** `false` for cards before Ampere, which only support fp16. */
  readonly bf16?: false;
  readonly link: DeviceLink;
  /** Vendor document that states speed and bandwidth. */
  readonly source: string;
}

const ampere = "NVIDIA Ampere GA102 GPU Architecture whitepaper V2, appendix tables";
const ada = "NVIDIA Ada GPU Architecture whitepaper V2, appendix A";
const blackwell = "NVIDIA RTX Blackwell GPU Architecture whitepaper, appendix A";
const hopper = "NVIDIA H100 Tensor Core GPU datasheet";

/** Older cards: no bf16. */
const before: readonly DeviceRow[] = [
  {
    name: "P100",
    aliases: ["Tesla P100", "P100-PCIE-16GB"],
    labelGib: 16,
    memory: "hbm",
    tflops: 18.7,
    bandwidthGbPerSecond: 732,
    bf16: false,
    link: "pcie",
    source: "NVIDIA Tesla P100 PCIe datasheet (no tensor cores)",
  },
  {
    name: "V100-16GB",
    aliases: ["V100", "Tesla V100", "V100-SXM2-16GB"],
    labelGib: 16,
    reportedMib: 16_384,
    memory: "hbm",
    tflops: 125,
    bandwidthGbPerSecond: 900,
    bf16: false,
    link: "nvlink",
    source: "NVIDIA V100 datasheet, SXM2 column",
  },
  {
    name: "V100-32GB",
    aliases: ["V100-SXM2-32GB"],
    labelGib: 32,
    memory: "hbm",
    tflops: 125,
    bandwidthGbPerSecond: 900,
    bf16: false,
    link: "nvlink",
    source: "NVIDIA V100 datasheet, SXM2 column",
  },
  {
    name: "T4",
    aliases: ["Tesla T4"],
    labelGib: 16,
    reportedMib: 14_912,
    memory: "corrected gddr",
    tflops: 65,
    bandwidthGbPerSecond: 320,
    bf16: false,
    link: "pcie",
    source: "NVIDIA T4 datasheet",
  },
];

/** Data-center cards with GDDR memory. */
const server: readonly DeviceRow[] = [
  {
    name: "A10",
    aliases: [],
    labelGib: 24,
    memory: "corrected gddr",
    tflops: 125,
    bandwidthGbPerSecond: 600,
    link: "pcie",
    source: "NVIDIA A10 datasheet",
  },
  {
    name: "A10G",
    aliases: [],
    labelGib: 24,
    reportedMib: 22_886,
    memory: "corrected gddr",
    tflops: 70,
    bandwidthGbPerSecond: 600,
    link: "pcie",
    source: "NVIDIA A10G datasheet",
  },
  {
    name: "A40",
    aliases: [],
    labelGib: 48,
    reportedMib: 46_068,
    memory: "corrected gddr",
    tflops: 149.7,
    bandwidthGbPerSecond: 696,
    link: "pcie",
    source: "NVIDIA A40 datasheet",
  },
  {
    name: "L4",
    aliases: [],
    labelGib: 24,
    reportedMib: 22_886,
    memory: "corrected gddr",
    tflops: 121,
    bandwidthGbPerSecond: 300,
    link: "pcie",
    source: "NVIDIA L4 datasheet (half of the figure with sparsity)",
  },
  {
    name: "L40",
    aliases: [],
    labelGib: 48,
    memory: "corrected gddr",
    tflops: 181,
    bandwidthGbPerSecond: 864,
    link: "pcie",
    source: "NVIDIA L40 datasheet",
  },
  {
    name: "L40S",
    aliases: [],
    labelGib: 48,
    reportedMib: 45_773,
    memory: "corrected gddr",
    tflops: 362,
    bandwidthGbPerSecond: 864,
    link: "pcie",
    source: "NVIDIA L40S datasheet",
  },
];

/** Workstation and consumer cards. Peaks are those with 32-bit accumulation, as used in training. */
const desk: readonly DeviceRow[] = [
  {
    name: "RTX A4000",
    aliases: ["A4000"],
    labelGib: 16,
    memory: "gddr",
    tflops: 76.7,
    bandwidthGbPerSecond: 448,
    link: "pcie",
    source: "NVIDIA RTX A4000 datasheet (half of the figure with sparsity)",
  },
  {
    name: "RTX A5000",
    aliases: ["A5000"],
    labelGib: 24,
    memory: "gddr",
    tflops: 111.1,
    bandwidthGbPerSecond: 768,
    link: "pcie",
    source: "NVIDIA RTX A5000 datasheet (half of the figure with sparsity)",
  },
  {
    name: "RTX A6000",
    aliases: ["A6000"],
    labelGib: 48,
    reportedMib: 49_140,
    memory: "gddr",
    tflops: 154.8,
    bandwidthGbPerSecond: 768,
    link: "pcie",
    source: ampere,
  },
  {
    name: "RTX 3090",
    aliases: ["3090"],
    labelGib: 24,
    reportedMib: 24_576,
    memory: "gddr",
    tflops: 71,
    bandwidthGbPerSecond: 936,
    link: "pcie",
    source: ampere,
  },
  {
    name: "RTX 4090",
    aliases: ["4090"],
    labelGib: 24,
    reportedMib: 24_564,
    memory: "gddr",
    tflops: 165.2,
    bandwidthGbPerSecond: 1_008,
    link: "pcie",
    source: ada,
  },
  {
    name: "RTX 6000 Ada",
    aliases: ["RTX6000Ada", "RTX 6000 Ada Generation", "6000 Ada"],
    labelGib: 48,
    reportedMib: 49_140,
    memory: "gddr",
    tflops: 364.2,
    bandwidthGbPerSecond: 960,
    link: "pcie",
    source: ada,
  },
  {
    name: "RTX 5090",
    aliases: ["5090"],
    labelGib: 32,
    reportedMib: 32_607,
    memory: "gddr",
    tflops: 209.5,
    bandwidthGbPerSecond: 1_792,
    link: "pcie",
    source: blackwell,
  },
  {
    name: "RTX PRO 6000",
    aliases: ["RTXPRO6000", "RTXPRO6000S", "RTXPRO6000WK", "RTX PRO 6000 Blackwell", "RTX PRO 6000 S"],
    labelGib: 96,
    reportedMib: 97_887,
    memory: "gddr",
    tflops: 503.8,
    bandwidthGbPerSecond: 1_792,
    link: "pcie",
    source: blackwell,
  },
];

/** Data-center cards with stacked memory. */
const stacked: readonly DeviceRow[] = [
  {
    name: "A100-40GB",
    aliases: ["A100", "A100-SXM4", "A100-SXM4-40GB", "A100-40GB-SXM", "A100-40GB-SXM4"],
    labelGib: 40,
    reportedMib: 40_960,
    memory: "hbm",
    tflops: 312,
    bandwidthGbPerSecond: 1_555,
    link: "nvlink",
    source: "NVIDIA A100 datasheet, SXM column",
  },
  {
    name: "A100-40GB-PCIe",
    aliases: ["A100-PCIE", "A100-PCIE-40GB"],
    labelGib: 40,
    reportedMib: 40_960,
    memory: "hbm",
    tflops: 312,
    bandwidthGbPerSecond: 1_555,
    link: "pcie",
    source: "NVIDIA A100 datasheet, PCIe column",
  },
  {
    name: "A100-80GB",
    aliases: ["A100-SXM-80GB", "A100-SXM4-80GB", "A100-80GB-SXM", "A100-80GB-SXM4", "A100 SXM"],
    labelGib: 80,
    reportedMib: 81_920,
    memory: "hbm",
    tflops: 312,
    bandwidthGbPerSecond: 2_039,
    link: "nvlink",
    source: "NVIDIA A100 datasheet, SXM column",
  },
  {
    name: "A100-80GB-PCIe",
    aliases: ["A100-PCIE-80GB"],
    labelGib: 80,
    reportedMib: 81_920,
    memory: "hbm",
    tflops: 312,
    bandwidthGbPerSecond: 1_935,
    link: "pcie",
    source: "NVIDIA A100 datasheet, PCIe column",
  },
  {
    name: "H100-PCIe",
    aliases: ["H100-80GB-PCIe", "H100-PCIe-80GB"],
    labelGib: 80,
    reportedMib: 81_559,
    memory: "hbm",
    tflops: 756,
    bandwidthGbPerSecond: 2_000,
    link: "pcie",
    source: hopper,
  },
  {
    name: "H100-SXM",
    aliases: [
      "H100",
      "H100-80GB",
      "H100-SXM5",
      "H100-MEGA",
      "H100-MEGA-80GB",
      "H100-80GB-HBM3",
      "H100-80GB-SXM",
    ],
    labelGib: 80,
    reportedMib: 81_559,
    memory: "hbm",
    tflops: 989.4,
    bandwidthGbPerSecond: 3_350,
    link: "nvlink",
    source: hopper,
  },
  {
    name: "H100-NVL",
    aliases: ["H100NVL", "H100-94GB", "H100-NVL-94GB"],
    labelGib: 94,
    reportedMib: 95_830,
    memory: "hbm",
    tflops: 835.5,
    bandwidthGbPerSecond: 3_900,
    link: "pcie",
    source: `${hopper}, NVL column (half of the figure with sparsity)`,
  },
  {
    name: "H200",
    aliases: ["H200-SXM", "H200-141GB", "H200-SXM5"],
    labelGib: 141,
    reportedMib: 143_771,
    memory: "hbm",
    tflops: 989.4,
    bandwidthGbPerSecond: 4_800,
    link: "nvlink",
    source: "NVIDIA H200 datasheet, SXM column",
  },
  {
    name: "GH200",
    aliases: ["GH200-96GB", "GH200-480GB", "GH200 SXM"],
    labelGib: 96,
    memory: "hbm",
    tflops: 989.4,
    bandwidthGbPerSecond: 4_000,
    link: "nvlink",
    source: "NVIDIA GH200 Grace Hopper Superchip datasheet, HBM3 column",
  },
  {
    name: "B200",
    aliases: ["B200-SXM", "B200-180GB", "B200-SXM6"],
    labelGib: 180,
    reportedMib: 183_359,
    memory: "hbm",
    tflops: 2_250,
    bandwidthGbPerSecond: 8_000,
    link: "nvlink",
    source: "NVIDIA DGX B200 datasheet (an eighth of the system, half of the figure with sparsity)",
  },
  {
    name: "MI250X",
    aliases: ["MI250X-128GB", "Instinct MI250X"],
    labelGib: 128,
    memory: "hbm",
    tflops: 383,
    bandwidthGbPerSecond: 3_277,
    link: "infinity-fabric",
    source: "AMD Instinct MI250X datasheet; a program sees each card as two devices of half its size",
  },
  {
    name: "MI300X",
    aliases: ["MI300X-192GB", "Instinct MI300X"],
    labelGib: 192,
    memory: "hbm",
    tflops: 1_307.4,
    bandwidthGbPerSecond: 5_300,
    link: "infinity-fabric",
    source: "AMD Instinct MI300X datasheet",
  },
];

/**
 * The table.
 *
 * @source speed and bandwidth: each row's own; reported memory: the per-card MiB of AWS, Vast and Azure machines in
 *   skypilot-org/skypilot-catalog catalogs/v8 (T4: queried in a notebook)
 */
export const deviceRows: readonly DeviceRow[] = [...before, ...server, ...desk, ...stacked];
