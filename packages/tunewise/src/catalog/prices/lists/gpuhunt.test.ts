import { dollars } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { gpuhuntSample } from "../../../../../../test/support/price-samples.ts";
import { zipBytes } from "../../../../../../test/support/zip-bytes.ts";
import { gpuhuntDate, readGpuhuntTable } from "./gpuhunt.ts";
import { readZipTexts } from "./zip.ts";

const source = { name: "gpuhunt 20261120", asOf: "2026-11-20" };
const read = (file: string, text = gpuhuntSample[file] ?? "") => readGpuhuntTable(text, file, source);

describe("gpuhunt's tables", () => {
  it("hold on-demand and spot in two rows, and machines without devices", () => {
    const { machines, findings } = read("aws.csv");
    expect(machines.map(({ pricing, usdPerHour }) => [pricing, dollars(usdPerHour)])).toEqual([
      ["on-demand", 1.05],
      ["spot", 0.4],
    ]);
    expect(machines[0]).toMatchObject({
      provider: "aws",
      instance: "x5.big",
      device: "A10G",
      vcpus: 4,
      source,
    });
    expect(findings).toEqual([]);
  });

  it("hold zones, of which the cheapest stays for the region", () => {
    const { machines, findings } = read("gcp.csv");
    expect(machines.map(({ region, device, usdPerHour }) => [region, device, dollars(usdPerHour)])).toEqual([
      ["us-east5", "A100-80GB", 5.5],
    ]);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["PRICE_ROWS_REFUSED", "note"]]);
  });

  it("name some providers in their own way", () => {
    expect(read("lambdalabs.csv").machines[0]?.provider).toBe("lambda");
  });

  it("are checked one price against the other", () => {
    const [header] = (gpuhuntSample["aws.csv"] ?? "").split("\n");
    const row = (price: string, spot: string): string => `x,here,${price},4,16,1,L4,24,${spot},,nvidia,,x86,`;
    const text = [header, row("1.00", "False"), row("1.20", "True")].join("\n");
    const { machines, findings } = read("aws.csv", text);
    expect(machines).toEqual([]);
    expect(findings[0]?.code).toBe("PRICE_BELOW_SPOT");
    const floor = [header, row("1.00", "False"), row("0.10", "True")].join("\n");
    expect(read("aws.csv", floor).findings[0]?.code).toBe("PRICE_SPOT_DOUBTFUL");
    expect(read("aws.csv", [header, row("", "False")].join("\n")).findings[0]?.code).toBe(
      "PRICE_ROWS_REFUSED",
    );
  });

  it("without their columns are refused", () => {
    expect(() => read("aws.csv", "a,b\n1,2")).toThrow(
      expect.objectContaining({ code: "PRICES_CATALOG_UNREADABLE" }),
    );
  });

  it.each([
    ["20261120", "2026-11-20"],
    ["20261120-1234\n", "2026-11-20"],
    ["latest", null],
  ])("of version %j are of %s", (version, date) => expect(gpuhuntDate(version)).toBe(date));
});

describe("an archive of tables", () => {
  const files = {
    "aws.csv": Buffer.from("a,b\n1,2\n"),
    version: Buffer.from("20261120"),
    "gcp.csv": Buffer.from("ü"),
  };

  it.each([[true], [false]])("is unpacked (packed: %s)", (packed) => {
    const texts = readZipTexts(zipBytes(files, packed), ".csv", "list");
    expect([...texts]).toEqual([
      ["aws.csv", "a,b\n1,2\n"],
      ["gcp.csv", "ü"],
    ]);
  });

  const archive = zipBytes(files, true);
  const changed = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(archive);
    copy[at < 0 ? copy.length + at : at] = value;
    return copy;
  };
  const directoryAt = new DataView(archive.buffer, archive.byteOffset).getUint32(archive.length - 6, true);

  it.each([
    ["nothing", new Uint8Array()],
    ["no archive", new Uint8Array(100)],
    ["cut at the end", archive.slice(0, -10)],
    ["cut at the front", archive.slice(40)],
    ["a directory elsewhere", changed(-5, 200)],
    ["an unknown method", changed(directoryAt + 10, 12)],
    ["a larger size than there is", changed(directoryAt + 24, 99)],
    ["a smaller size than there is", changed(directoryAt + 24, 2)],
    ["a size beyond all bounds", changed(directoryAt + 27, 127)],
    ["a start outside", changed(directoryAt + 45, 127)],
    ["damaged content", changed(38, 255)],
    ["too many files", changed(-11, 255)],
  ])("of %s is refused", (_, bytes) => {
    expect(() => readZipTexts(bytes, ".csv", "list")).toThrow(
      expect.objectContaining({ code: "PRICES_CATALOG_UNREADABLE" }),
    );
  });
});
