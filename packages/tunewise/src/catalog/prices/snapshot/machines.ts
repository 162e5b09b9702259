/**
 * @file The shipped snapshot of machine prices, in dollars per hour of the entire instance.
 *
 * Selected from SkyPilot's catalogs, version 8 (Azure: 6): the cheapest regions of each instance and a few more. The
 * commits are known, but not their dates: all rows carry the date on which they were read, and are flagged wherever
 * they are shown. The Azure file is the oldest. `tunewise prices update` fetches dated prices.
 *
 * Excluded: accelerators without host, on-demand prices below spot (placeholders of the list), and spot prices that
 * equal on-demand or a tenth of it.
 *
 * @source skypilot-org/skypilot-catalog catalogs/v8/{aws,gcp,lambda,runpod,vast,nebius}/vms.csv and
 *   catalogs/v6/azure/vms.csv at the commits below; the memory of Azure's cards from its public pages
 */
import type { PriceSource } from "../book.ts";

/** Date on which the files were read; they are undated, and their prices may be older. */
const readOn = "2026-11-25";

/** Sources by the value of the first column: the provider, with a suffix if the price was adjusted. */
export const machineSources: Readonly<Record<string, PriceSource>> = {
  aws: { name: "skypilot-catalog v8/aws@e385a0d3", asOf: null, readOn },
  gcp: { name: "skypilot-catalog v8/gcp host@006059e0 + accelerator@8427bbff", asOf: null, readOn },
  "gcp-scaled": {
    name: "skypilot-catalog v8/gcp host@006059e0 (eight times the -1g host) + accelerator@8427bbff",
    asOf: null,
    readOn,
  },
  azure: { name: "skypilot-catalog v6/azure@098741e7", asOf: null, readOn },
  "azure-corrected": {
    name: "skypilot-catalog v6/azure@098741e7 (count corrected from 12 to 8)",
    asOf: null,
    readOn,
  },
  lambda: { name: "skypilot-catalog v8/lambda@0f407038", asOf: null, readOn },
  runpod: { name: "skypilot-catalog v8/runpod@46062acb", asOf: null, readOn },
  vast: { name: "skypilot-catalog v8/vast@680a69b1 (host: the least asked for)", asOf: null, readOn },
  nebius: { name: "skypilot-catalog v8/nebius@0082b043", asOf: null, readOn },
};

/** The rows. Memory per device in GiB, as stated in the catalog. */
export const machineTable: string = `source,instance,gpu,count,gpu_memory_gib,vcpus,memory_gib,region,on_demand,spot
aws,g4dn.xlarge,T4,1,16,4,16,us-east-1,0.526,0.219
aws,g4dn.xlarge,T4,1,16,4,16,us-west-2,0.526,
aws,g4dn.xlarge,T4,1,16,4,16,eu-west-1,0.587,
aws,g4dn.metal,T4,8,16,96,384,us-east-1,7.824,3.1554
aws,g5.xlarge,A10G,1,22.35,4,16,us-east-1,1.006,0.507
aws,g5.xlarge,A10G,1,22.35,4,16,eu-west-1,1.123,
aws,g5.xlarge,A10G,1,22.35,4,16,eu-central-1,1.258,
aws,g5.4xlarge,A10G,1,22.35,16,64,us-east-1,1.624,0.7175
aws,g5.12xlarge,A10G,4,22.35,48,192,us-east-1,5.672,1.9046
aws,g5.12xlarge,A10G,4,22.35,48,192,us-west-2,5.672,
aws,g5.12xlarge,A10G,4,22.35,48,192,eu-west-1,6.33167,
aws,g6.xlarge,L4,1,22.35,4,16,us-east-1,0.8048,0.4386
aws,g6.xlarge,L4,1,22.35,4,16,us-west-2,0.8048,
aws,g6.xlarge,L4,1,22.35,4,16,eu-west-2,1.0216,
aws,g6e.12xlarge,L40S,4,44.7,48,384,us-east-1,10.49264,3.2906
aws,g6e.12xlarge,L40S,4,44.7,48,384,us-west-2,10.49264,
aws,p3.2xlarge,V100-16GB,1,16,8,61,us-east-1,3.06,0.4995
aws,p3.2xlarge,V100-16GB,1,16,8,61,us-west-2,3.06,
aws,p3.2xlarge,V100-16GB,1,16,8,61,eu-west-1,3.305,
aws,p3.8xlarge,V100-16GB,4,16,32,244,us-east-1,12.24,1.9241
aws,p3.16xlarge,V100-16GB,8,16,64,488,us-west-2,24.48,9.7208
aws,p3dn.24xlarge,V100-32GB,8,32,96,768,us-east-1,31.212,8.3576
aws,p4d.24xlarge,A100-40GB,8,40,96,1152,us-east-1,21.957642,6.289
aws,p4d.24xlarge,A100-40GB,8,40,96,1152,us-west-2,21.95764,9.118
aws,p4d.24xlarge,A100-40GB,8,40,96,1152,eu-west-1,23.71569,
aws,p4de.24xlarge,A100-80GB,8,80,96,1152,us-east-1,27.44705,11.4593
aws,p4de.24xlarge,A100-80GB,8,80,96,1152,us-west-2,27.44705,
aws,p5.4xlarge,H100-SXM,1,80,16,256,us-east-1,6.88,
aws,p5.4xlarge,H100-SXM,1,80,16,256,us-west-2,6.88,
aws,p5.4xlarge,H100-SXM,1,80,16,256,eu-west-2,8.944,
aws,p5.48xlarge,H100-SXM,8,80,192,2048,us-east-1,55.04,14.582
aws,p5.48xlarge,H100-SXM,8,80,192,2048,us-east-2,55.04,
aws,p5.48xlarge,H100-SXM,8,80,192,2048,us-west-2,55.04,21.6229
aws,p5.48xlarge,H100-SXM,8,80,192,2048,eu-north-1,58.8928,
aws,p5.48xlarge,H100-SXM,8,80,192,2048,ca-central-1,63.296,
aws,p5.48xlarge,H100-SXM,8,80,192,2048,eu-west-2,71.552,
aws,p5e.48xlarge,H200,8,141,192,2048,us-east-2,,20.3242
aws,p5e.48xlarge,H200,8,141,192,2048,us-west-2,,24.9358
aws,p5en.48xlarge,H200,8,141,192,2048,us-east-1,63.296,19.9071
aws,p5en.48xlarge,H200,8,141,192,2048,us-west-2,63.296,25.2107
aws,p5en.48xlarge,H200,8,141,192,2048,eu-north-1,67.72672,
aws,p5en.48xlarge,H200,8,141,192,2048,ap-northeast-1,79.12,
aws,p6-b200.48xlarge,B200,8,179.06,192,2048,us-east-1,113.9328,19.0919
aws,p6-b200.48xlarge,B200,8,179.06,192,2048,us-west-2,113.9328,
gcp,a2-highgpu-1g,A100-40GB,1,40,12,85,us-central1,3.67339,1.80385
gcp,a2-highgpu-2g,A100-40GB,2,40,24,170,us-central1,7.34677,
gcp,a2-highgpu-4g,A100-40GB,4,40,48,340,us-central1,14.69354,
gcp,a2-highgpu-8g,A100-40GB,8,40,96,680,us-central1,29.38708,14.4308
gcp,a2-megagpu-16g,A100-40GB,16,40,96,1360,us-central1,55.73951,27.34384
gcp,a2-ultragpu-1g,A100-80GB,1,80,12,170,us-east5,5.52382,1.58393
gcp,a2-ultragpu-8g,A100-80GB,8,80,96,1360,us-east5,44.19056,12.67144
gcp,a3-highgpu-1g,H100-SXM,1,80,26,234,us-east4,10.97906,2.39906
gcp-scaled,a3-highgpu-8g,H100-SXM,8,80,208,1872,us-east4,87.83249,19.19248
azure,Standard_NC4as_T4_v3,T4,1,16,4,28,eastus,0.526,0.062699
azure,Standard_NC4as_T4_v3,T4,1,16,4,28,westus2,0.526,
azure,Standard_NC64as_T4_v3,T4,4,16,64,440,eastus,4.352,
azure,Standard_NC6s_v3,V100-16GB,1,16,6,112,eastus,3.06,
azure,Standard_ND40rs_v2,V100-32GB,8,32,40,672,eastus,22.032,
azure,Standard_NC24ads_A100_v4,A100-80GB-PCIe,1,80,24,220,eastus,3.673,
azure,Standard_NC48ads_A100_v4,A100-80GB-PCIe,2,80,48,440,eastus,7.346,
azure,Standard_NC96ads_A100_v4,A100-80GB-PCIe,4,80,96,880,eastus,14.692,
azure,Standard_ND96asr_v4,A100-40GB,8,40,96,900,eastus,27.197,
azure,Standard_ND96amsr_A100_v4,A100-80GB,8,80,96,1800,eastus,32.77,
azure,Standard_ND96amsr_A100_v4,A100-80GB,8,80,96,1800,southcentralus,39.324,
azure,Standard_NC40ads_H100_v5,H100-NVL,1,94,40,320,eastus,6.98,
azure,Standard_NC40ads_H100_v5,H100-NVL,1,94,40,320,southcentralus,8.38,
azure,Standard_NC80adis_H100_v5,H100-NVL,2,94,80,640,eastus,13.96,
azure-corrected,Standard_ND96isr_H100_v5,H100-SXM,8,80,96,1900,eastus,98.32,
azure-corrected,Standard_ND96isr_H100_v5,H100-SXM,8,80,96,1900,westus,127.816,
azure,Standard_NV36ads_A10_v5,A10,1,24,36,440,eastus,3.2,0.8
lambda,gpu_1x_a10,A10,1,24,30,200,us-east-1,1.29,
lambda,gpu_1x_a6000,RTX A6000,1,48,14,100,us-east-1,1.09,
lambda,gpu_4x_a6000,RTX A6000,4,48,56,400,us-east-1,4.36,
lambda,gpu_8x_v100,V100-16GB,8,16,92,448,us-east-1,6.32,
lambda,gpu_8x_a100_80gb_sxm4,A100-80GB,8,80,240,1800,us-east-1,22.32,
lambda,gpu_1x_h100_pcie,H100-PCIe,1,80,26,200,us-east-1,3.29,
lambda,gpu_1x_h100_sxm5,H100-SXM,1,80,26,225,us-east-1,4.29,
lambda,gpu_2x_h100_sxm5,H100-SXM,2,80,52,450,us-east-1,8.38,
lambda,gpu_8x_h100_sxm5,H100-SXM,8,80,208,1800,us-east-1,31.92,
lambda,gpu_1x_gh200,GH200,1,96,64,432,us-east-1,2.29,
lambda,gpu_1x_b200_sxm6,B200,1,180,26,360,us-east-1,6.99,
lambda,gpu_8x_b200_sxm6,B200,8,180,208,2900,us-east-1,53.52,
runpod,1x_A100-80GB_SECURE,A100-80GB-PCIe,1,80,8,117,US,1.64,0.82
runpod,2x_A100-80GB_SECURE,A100-80GB-PCIe,2,80,16,234,US,3.28,1.64
runpod,2x_H100-SXM_SECURE,H100-SXM,2,80,40,250,US,5.38,3.5
runpod,4x_H100-SXM_SECURE,H100-SXM,4,80,80,500,US,10.76,7.0
runpod,4x_L40S_SECURE,L40S,4,48,48,248,US,3.44,1.04
vast,1x-RTX_3090-32-65536,RTX 3090,1,24,32,64,"Romania, RO, EU",0.25,
vast,1x-RTX_4090-32-65536,RTX 4090,1,23.99,32,64,"Germany, DE, EU",0.4,
vast,8x-RTX_4090-32-65536,RTX 4090,8,23.99,32,64,"Norway, NO, EU",2.81,
vast,1x-RTX_5090-32-65536,RTX 5090,1,31.84,32,64,"Utah, US, NA",0.51,
vast,1x-L40S-32-65536,L40S,1,44.99,32,64,"Taichung City, TW, AS",0.6,
vast,1x-A100_SXM4-32-65536,A100-40GB,1,40,32,64,"Georgia, US, NA",0.76,
vast,1x-H100_SXM-32-65536,H100-SXM,1,79.65,32,64,"Florida, US, NA",1.93,
vast,8x-H100_SXM-32-65536,H100-SXM,8,79.65,32,64,"Vietnam, VN, AS",16.0,
vast,1x-H200-32-65536,H200,1,140.4,32,64,"France, FR, EU",2.82,
vast,8x-H200-32-65536,H200,8,140.4,32,64,"France, FR, EU",18.82,
nebius,gpu-h100-sxm_1gpu-16vcpu-200gb,H100-SXM,1,80,16,200,eu-north1,2.95,1.25
nebius,gpu-h100-sxm_8gpu-128vcpu-1600gb,H100-SXM,8,80,128,1600,eu-north1,23.6,10.0
nebius,gpu-h200-sxm_1gpu-16vcpu-200gb,H200,1,141,16,200,us-central1,3.5,1.45
nebius,gpu-h200-sxm_8gpu-128vcpu-1600gb,H200,8,141,128,1600,us-central1,28.0,11.6
nebius,gpu-b200-sxm_8gpu-160vcpu-1792gb,B200,8,180,160,1792,us-central1,44.0,
nebius,gpu-l40s-a_1gpu-8vcpu-32gb,L40S,1,48,8,32,eu-north1,1.5484,
`;
