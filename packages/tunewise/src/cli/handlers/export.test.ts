import { exportFormats, exportTypes } from "@tunewise/engine";
import { expect, it } from "vitest";
import { findCommand } from "../commands.ts";

it("offers the formats and types of the engine, without loading it for help", () => {
  const choices = (name: string): readonly string[] | undefined =>
    findCommand("model export")?.flags.find((flag) => flag.name === name)?.choices;
  expect(choices("format")).toEqual(exportFormats);
  expect(choices("dtype")).toEqual(exportTypes);
});
