/** @file Trains and runs a language model on this machine; knows tensors, never money or recipes. */
export type * from "./engine.ts";
export type * from "./files/types.ts";
