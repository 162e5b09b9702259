/**
 * @file Small price lists in the formats of the public ones, including their irregularities; all figures are invented.
 */

/** One device's description in the format of SkyPilot's catalogs. */
export function gpuInfo(name: string, mib: number, count = 1, total: number = mib): string {
  const each = `{'Name': '${name}', 'Count': ${count}, 'MemoryInfo': {'SizeInMiB': ${mib}}}`;
  return `"{'Gpus': [${each}], 'TotalGpuMemoryInMiB': ${total}}"`;
}

/**
 * AWS: minimum prices and equal prices among the spot prices, one instance without an on-demand price, CPU instances.
 */
export const awsSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch",
  `x5.big,A10G,1.0,4.0,16.0,${gpuInfo("A10G", 22888)},1.10,0.50,us-east-1,use1-az1,x86_64`,
  `x5.big,A10G,1.0,4.0,16.0,${gpuInfo("A10G", 22888)},1.10,0.45,us-east-1,use1-az2,x86_64`,
  `x5.big,A10G,1.0,4.0,16.0,${gpuInfo("A10G", 22888)},1.21,0.121,eu-west-1,euw1-az1,x86_64`,
  `x5.big,A10G,1.0,4.0,16.0,${gpuInfo("A10G", 22888)},1.30,1.30,ap-south-1,aps1-az1,x86_64`,
  `x9.huge,H200,8.0,192.0,2048.0,${gpuInfo("H200", 144384, 8)},,20.5,us-east-2,use2-az1,x86_64`,
  "c9.large,,,4.0,8.0,,0.17,0.05,us-east-1,use1-az1,x86_64",
  `k1.old,K80,1.0,4.0,61.0,${gpuInfo("K80", 12288)},0.90,0.27,us-east-1,use1-az1,x86_64`,
  `x7.big,A100-80GB,8.0,96.0,1152.0,${gpuInfo("A100", 81920, 8)},27.5,11.5,us-east-1,use1-az1,x86_64`,
].join("\n");

/** GCP: another column order, hosts and devices in separate rows, a fallback price, a TPU. */
export const gcpSample: string = [
  "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice",
  "a2-ultragpu-1g,12.0,170.0,,,,us-east5,us-east5-a,1.5,0.5",
  ",,,A100-80GB,1.0,A100-80GB,us-east5,us-east5-a,4.0,1.1",
  "a2-ultragpu-1g,12.0,170.0,,,,us-central1,us-central1-a,1.2,0.5",
  ",,,A100-80GB,1.0,A100-80GB,us-central1,us-central1-a,1.0,1.1",
  "a3-highgpu-1g,26.0,234.0,,,,us-east4,us-east4-a,1.0,0.4",
  ",,,H100,8.0,H100,us-east4,us-east4-a,80.0,16.0",
  ",,,T4,1.0,T4,us-east4,us-east4-a,0.35,0.12",
  ",,,tpu-v5p-8,1.0,tpu-v5p-8,us-east4,us-east4-a,700.0,700.0",
].join("\n");

/** RunPod: gigabytes in a field named MiB. */
export const runpodSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Region,SpotPrice,Price,AvailabilityZone,GpuInfo",
  `2x_A100-80GB_SECURE,A100-80GB,2.0,16.0,234.0,US,1.60,3.20,US-1,${gpuInfo("A100 PCIe", 80, 2, 160)}`,
].join("\n");

/** Vast: memory of all devices together, and 0.00 instead of a missing spot price. */
export const vastSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region",
  `8x-RTX_4090-32-65536,RTX4090,8,32,64.0,${gpuInfo("RTX4090", 196512, 8)},2.80,0.00,"Oslo, NO, EU"`,
  `2x-A100_SXM4-32-65536,A100,2,32,64.0,${gpuInfo("A100", 81920, 2)},1.50,0.00,"Ljubljana, SI, EU"`,
  `1x-A100_PCIE-32-65536,A100,1,32,64.0,${gpuInfo("A100", 81920)},0.90,0.00,"Tulsa, US, NA"`,
].join("\n");

/** Lambda: no spot prices, and total memory that ignores the count. */
export const lambdaSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice",
  `gpu_8x_v100,V100,8.0,92.0,448.0,6.0,us-east-1,${gpuInfo("V100", 16384, 8)},`,
  `gpu_1x_h100_pcie,H100,1.0,26.0,200.0,3.0,us-east-1,${gpuInfo("H100", 81920)},`,
].join("\n");

/** Azure: names only, a wrong count, spot prices at 11 %. */
export const azureSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region",
  "Standard_ND96isr_H100_v5,H100,12.0,96.0,1900.0,H100,98.0,20.0,eastus",
  "Standard_NC40ads_H100_v5,H100,1.0,40.0,320.0,H100,7.0,0.77,eastus",
  "Standard_NC24ads_A100_v4,A100-80GB,1.0,24.0,220.0,A100-80GB,3.7,,eastus",
].join("\n");

/** Nebius. */
export const nebiusSample: string = [
  "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice",
  `gpu-h100-sxm_1gpu-16vcpu-200gb,H100,1.0,16.0,200.0,3.0,eu-north1,${gpuInfo("H100", 81920)},1.3`,
].join("\n");

const gpuhuntHeader =
  "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,flags,cpu_arch,provider_data";

/** gpuhunt's tables by file name. */
export const gpuhuntSample: Readonly<Record<string, string>> = {
  "aws.csv": [
    gpuhuntHeader,
    "x5.big,us-east-1,1.05,4,16.0,1,A10G,24.0,False,,nvidia,,x86,",
    "x5.big,us-east-1,0.40,4,16.0,1,A10G,24.0,True,,nvidia,,x86,",
    "c9.large,us-east-1,0.17,4,8.0,0,,,False,,,,x86,",
  ].join("\n"),
  "gcp.csv": [
    gpuhuntHeader,
    "a2-ultragpu-1g,us-east5-a,5.6,12,170.0,1,A100,80.0,False,,nvidia,,x86,",
    "a2-ultragpu-1g,us-east5-b,5.5,12,170.0,1,A100,80.0,False,,nvidia,,x86,",
    "v5p-8,us-east5-a,4.2,208,448.0,1,v5p,95.0,False,,google,,x86,",
  ].join("\n"),
  "lambdalabs.csv": [
    gpuhuntHeader,
    "gpu_1x_gh200,us-east-3,2.2,64,432.0,1,GH200,96.0,False,,nvidia,,arm,",
  ].join("\n"),
};

/** llm-prices' list. */
export const llmPricesSample: string = JSON.stringify({
  updated_at: "2026-11-20",
  prices: [
    { id: "alpha-1", vendor: "example", name: "Alpha 1", input: 2, output: 8, input_cached: 0.5 },
    { id: "beta-2", vendor: "example", name: "Beta 2", input: 0.1, output: 0.4, input_cached: null },
    { id: "free", vendor: "example", name: "Free", input: 0, output: 0, input_cached: null },
  ],
});
