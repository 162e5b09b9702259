/** @file Table of accelerators for fine-tuning: memory, speed, bandwidth, interconnect. */

/** Interconnect between the cards of a machine. */
export type DeviceLink = "nvlink" | "infinity-fabric" | "pcie";

/**
 * The table: cards without bf16, data-center cards with GDDR memory, workstation and consumer cards (their peaks are
 * those with 32-bit accumulation, as used in training), data-center cards with stacked memory.
 *
 * - `aliases` other names in catalogs and trainers, separated by `|`; case, spaces and hyphens are ignored
 * - `label_gib` nominal memory; `reported_mib` memory reported by a driver: if empty, derived from the nominal value
 *   and the kind of memory, where `corrected gddr` (GDDR with ECC) loses a sixteenth
 * - `tflops` dense 16-bit peak: bf16, or fp16 on cards before Ampere, which only support that
 * - `tflops_fp32` the same for float32, without TF32, which PyTorch uses only on request
 * - `gb_per_second` bandwidth
 * - `capability` CUDA compute capability; empty: not an NVIDIA card
 * - `source` vendor document that states speed and bandwidth
 *
 * @source speed and bandwidth: each row's own; compute capability: https://developer.nvidia.com/cuda-gpus and, for
 *   older cards, https://developer.nvidia.com/cuda-legacy-gpus, 28 November 2026; reported memory: the per-card MiB of
 *   AWS, Vast and Azure machines in skypilot-org/skypilot-catalog catalogs/v8 (T4: queried in a notebook)
 */
export const deviceTable: string = `name,aliases,label_gib,reported_mib,memory,tflops,tflops_fp32,gb_per_second,\
bf16,capability,link,source
P100,Tesla P100|P100-PCIE-16GB,16,,hbm,18.7,9.3,732,no,6.0,pcie,NVIDIA Tesla P100 PCIe datasheet (no tensor cores)
V100-16GB,V100|Tesla V100|V100-SXM2-16GB,16,16384,hbm,125,15.7,900,no,7.0,nvlink,"NVIDIA V100 datasheet, SXM2 column"
V100-32GB,V100-SXM2-32GB,32,,hbm,125,15.7,900,no,7.0,nvlink,"NVIDIA V100 datasheet, SXM2 column"
T4,Tesla T4,16,14912,corrected gddr,65,8.1,320,no,7.5,pcie,NVIDIA T4 datasheet
A10,,24,,corrected gddr,125,31.2,600,yes,8.6,pcie,NVIDIA A10 datasheet
A10G,,24,22886,corrected gddr,70,35,600,yes,8.6,pcie,NVIDIA A10G datasheet
A40,,48,46068,corrected gddr,149.7,37.4,696,yes,8.6,pcie,NVIDIA A40 datasheet
L4,,24,22886,corrected gddr,121,30.3,300,yes,8.9,pcie,NVIDIA L4 datasheet (half of the figure with sparsity)
L40,,48,,corrected gddr,181,90.5,864,yes,8.9,pcie,NVIDIA L40 datasheet
L40S,,48,45773,corrected gddr,362,91.6,864,yes,8.9,pcie,NVIDIA L40S datasheet
RTX A4000,A4000,16,,gddr,76.7,19.2,448,yes,8.6,pcie,NVIDIA RTX A4000 datasheet (half of the figure with sparsity)
RTX A5000,A5000,24,,gddr,111.1,27.8,768,yes,8.6,pcie,NVIDIA RTX A5000 datasheet (half of the figure with sparsity)
RTX A6000,A6000,48,49140,gddr,154.8,38.7,768,yes,8.6,pcie,\
"NVIDIA Ampere GA102 GPU Architecture whitepaper V2, appendix tables"
RTX 3090,3090,24,24576,gddr,71,35.6,936,yes,8.6,pcie,\
"NVIDIA Ampere GA102 GPU Architecture whitepaper V2, appendix tables"
RTX 4090,4090,24,24564,gddr,165.2,82.6,1008,yes,8.9,pcie,"NVIDIA Ada GPU Architecture whitepaper V2, appendix A"
RTX 6000 Ada,RTX6000Ada|RTX 6000 Ada Generation|6000 Ada,48,49140,gddr,364.2,91.1,960,yes,8.9,pcie,\
"NVIDIA Ada GPU Architecture whitepaper V2, appendix A"
RTX 5090,5090,32,32607,gddr,209.5,104.8,1792,yes,12.0,pcie,\
"NVIDIA RTX Blackwell GPU Architecture whitepaper, appendix A"
RTX PRO 6000,RTXPRO6000|RTXPRO6000S|RTXPRO6000WK|RTX PRO 6000 Blackwell|RTX PRO 6000 S,\
96,97887,gddr,503.8,126,1792,yes,12.0,pcie,"NVIDIA RTX Blackwell GPU Architecture whitepaper, appendix A"
A100-40GB,A100|A100-SXM4|A100-SXM4-40GB|A100-40GB-SXM|A100-40GB-SXM4,40,40960,hbm,312,19.5,1555,yes,8.0,nvlink,\
"NVIDIA A100 datasheet, SXM column"
A100-40GB-PCIe,A100-PCIE|A100-PCIE-40GB,40,40960,hbm,312,19.5,1555,yes,8.0,pcie,"NVIDIA A100 datasheet, PCIe column"
A100-80GB,A100-SXM-80GB|A100-SXM4-80GB|A100-80GB-SXM|A100-80GB-SXM4|A100 SXM,80,81920,hbm,312,19.5,2039,yes,8.0,nvlink,\
"NVIDIA A100 datasheet, SXM column"
A100-80GB-PCIe,A100-PCIE-80GB,80,81920,hbm,312,19.5,1935,yes,8.0,pcie,"NVIDIA A100 datasheet, PCIe column"
H100-PCIe,H100-80GB-PCIe|H100-PCIe-80GB,80,81559,hbm,756,51,2000,yes,9.0,pcie,NVIDIA H100 Tensor Core GPU datasheet
H100-SXM,H100|H100-80GB|H100-SXM5|H100-MEGA|H100-MEGA-80GB|H100-80GB-HBM3|H100-80GB-SXM,\
80,81559,hbm,989.4,67,3350,yes,9.0,nvlink,NVIDIA H100 Tensor Core GPU datasheet
H100-NVL,H100NVL|H100-94GB|H100-NVL-94GB,94,95830,hbm,835.5,60,3900,yes,9.0,pcie,\
"NVIDIA H100 Tensor Core GPU datasheet, NVL column (half of the figure with sparsity)"
H200,H200-SXM|H200-141GB|H200-SXM5,141,143771,hbm,989.4,67,4800,yes,9.0,nvlink,"NVIDIA H200 datasheet, SXM column"
GH200,GH200-96GB|GH200-480GB|GH200 SXM,96,,hbm,989.4,67,4000,yes,9.0,nvlink,\
"NVIDIA GH200 Grace Hopper Superchip datasheet, HBM3 column"
B200,B200-SXM|B200-180GB|B200-SXM6,180,183359,hbm,2250,75,8000,yes,10.0,nvlink,\
"NVIDIA DGX B200 datasheet (an eighth of the system, half of the figure with sparsity)"
MI250X,MI250X-128GB|Instinct MI250X,128,,hbm,383,95.7,3277,yes,,infinity-fabric,\
AMD Instinct MI250X datasheet; a program sees each card as two devices of half its size
MI300X,MI300X-192GB|Instinct MI300X,192,,hbm,1307.4,163.4,5300,yes,,infinity-fabric,AMD Instinct MI300X datasheet
`;
