import { describe, expect, it } from "vitest";
import { devices, findDevice } from "./devices.ts";

/** `name`, prefixed with `~` if the word is ambiguous, or the suggestions. */
function found(name: string, gib?: number): string {
  const answer = findDevice(name, gib);
  if (answer.device === null) return `none, near ${answer.suggestions.join(" or ")}`;
  return `${answer.isExact ? "" : "~"}${answer.device.name}`;
}

describe("devices", () => {
  it("have names and spellings of one device each", () => {
    const words = devices.flatMap(({ name, aliases }) => [name, ...aliases]);
    for (const device of devices) {
      for (const word of [device.name, ...device.aliases]) {
        expect(findDevice(word).device?.name, word).toBe(device.name);
      }
    }
    expect(new Set(words).size).toBe(words.length);
  });

  it.each([
    ["A100-80GB", "A100-80GB"],
    ["a100-80gb-sxm", "A100-80GB"],
    ["A100-80GB-SXM4", "A100-80GB"],
    ["NVIDIA A100 80GB PCIe", "A100-80GB-PCIe"],
    ["A100-40GB", "A100-40GB"],
    ["RTX4090", "RTX 4090"],
    ["NVIDIA GeForce RTX 4090", "RTX 4090"],
    ["RTXA6000", "RTX A6000"],
    ["A6000", "RTX A6000"],
    ["RTX6000-Ada", "RTX 6000 Ada"],
    ["Tesla T4", "T4"],
    ["H100-MEGA", "H100-SXM"],
    ["AMD Instinct MI300X", "MI300X"],
  ])("are known as %s", (word, name) => {
    expect(found(word)).toBe(name);
  });

  it.each([
    ["A100", undefined, "~A100-40GB"],
    ["A100", 40, "A100-40GB"],
    ["A100", 80, "A100-80GB"],
    ["A100_SXM4", 80, "A100-80GB"],
    ["A100_PCIE", 80, "A100-80GB-PCIe"],
    ["V100", 32, "V100-32GB"],
    ["V100", 16, "V100-16GB"],
    ["H100", 80, "H100-SXM"],
    ["H100", 94, "H100-NVL"],
    ["H100", undefined, "~H100-SXM"],
    ["A100-80GB", 40, "~A100-80GB"],
    ["A10G", 22.35, "A10G"],
    ["B200", 179.06, "B200"],
    ["RTX4090", 47.99, "~RTX 4090"],
  ])("are told apart by memory: %s of %s GiB", (word, gib, name) => {
    expect(found(word, gib)).toBe(name);
  });

  it("are suggested where a word is near one", () => {
    expect(found("A100-80G")).toBe("none, near A100-80GB or A100-80GB-PCIe");
    expect(found("RTX 4080")).toContain("RTX 4090");
    expect(found("L40SS")).toContain("L40S");
    expect(found("tpu-v5")).toBe("none, near ");
    expect(found("")).toBe("none, near ");
  });

  it("hold less than their label says", () => {
    const share = (name: string): string => {
      const { device } = findDevice(name);
      if (device === null) return "none";
      const { low, expected, high } = device.memoryBytes;
      const part = [low, expected, high].map((value) => (value / device.labelGib / 2 ** 30).toFixed(3));
      return `${part.join(" ")} ${device.memoryOrigin}`;
    };
    expect(share("T4")).toBe("0.897 0.910 0.910 reported");
    expect(share("A10G")).toBe("0.917 0.931 0.931 reported");
    expect(share("L40")).toBe("0.920 0.930 0.940 derived");
    expect(share("MI300X")).toBe("0.975 0.990 1.000 derived");
    expect(devices.every(({ memoryBytes, labelGib }) => memoryBytes.high <= labelGib * 2 ** 30)).toBe(true);
  });

  it("state dense peaks, and bf16 from Ampere on", () => {
    expect(findDevice("H100-SXM").device?.flopsPerSecond).toBe(989.4e12);
    expect(findDevice("L4").device?.flopsPerSecond).toBe(121e12);
    expect(findDevice("A6000").device?.flopsPerSecond).toBe(154.8e12);
    expect(findDevice("A100").device?.float32FlopsPerSecond).toBe(19.5e12);
    expect(findDevice("T4").device?.float32FlopsPerSecond).toBe(8.1e12);
    // no device is faster in float32 than in 16 bits
    expect(devices.every((one) => one.float32FlopsPerSecond < one.flopsPerSecond)).toBe(true);
    const without = devices.filter(({ hasBf16 }) => !hasBf16).map(({ name }) => name);
    expect(without).toEqual(["P100", "V100-16GB", "V100-32GB", "T4"]);
  });
});
