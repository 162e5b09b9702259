/** @file `tunewise worker`: the Python environment that trains on PyTorch. */
import type { Command, CommandGroup } from "../command.ts";
import { yesFlag } from "../flags.ts";

/** The group of commands for the PyTorch worker. */
export const workerGroup: CommandGroup = {
  name: "worker",
  summary: "install the worker that trains on PyTorch",
  category: "manage",
  about:
    "The worker computes runs on PyTorch, on a graphics card where there is one. It lives in a Python environment of its own in the cache.",
};

const install: Command = {
  name: "worker install",
  summary: "install PyTorch and what the worker needs beside it",
  category: "manage",
  about:
    "Makes a Python environment in the cache, with uv where it is found and with venv and pip elsewhere. The build of PyTorch follows from the graphics card and its driver. Which wheels the package indexes have, and their size, is shown first; another build than the one that fits this machine takes a yes. An environment that is complete is left as it is. `TUNEWISE_PYTHON` names the Python of another environment that has the packages, and then nothing needs to be installed.",
  arguments: [],
  flags: [
    { name: "python", value: "PATH", summary: "Python to base the environment on", completes: "file" },
    {
      name: "torch-index",
      value: "URL",
      summary: "package index with another build of PyTorch, for older drivers or ROCm",
    },
    { name: "fresh", summary: "make an existing environment again" },
    yesFlag,
  ],
  examples: [
    { line: "tunewise worker install", does: "install the build that fits this machine" },
    {
      line: "tunewise worker install --torch-index https://download.pytorch.org/whl/cu126",
      does: "install the build for drivers from version 525 on",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [],
};

const show: Command = {
  name: "worker show",
  summary: "show the installed worker and the graphics cards",
  category: "manage",
  about:
    "Shows where the worker's environment lies, its PyTorch, and the cards with the memory that is in use.",
  arguments: [],
  flags: [],
  examples: [{ line: "tunewise worker show --json", does: "the same as JSON" }],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const workerCommands: readonly Command[] = [install, show];
