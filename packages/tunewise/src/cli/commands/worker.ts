/** @file `tunewise worker`: the Python environment that trains on PyTorch. */
import type { Command, CommandGroup } from "../command.ts";
import { yesFlag } from "../flags.ts";

/** The group of commands for the PyTorch worker. */
export const workerGroup: CommandGroup = {
  name: "worker",
  summary: "install and show the PyTorch worker",
  category: "manage",
  about:
    "The worker trains with PyTorch, on a GPU if there is one. It has its own Python environment in the cache folder.",
};

const install: Command = {
  name: "worker install",
  summary: "install PyTorch and the worker's other dependencies",
  category: "manage",
  about:
    "Creates a Python environment in the cache folder, with uv if available, otherwise with venv and pip. Selects the PyTorch build by GPU and driver. First shows the available wheels and their sizes, and asks for confirmation if their build is not the one that fits this machine. Leaves a complete environment unchanged. To use an existing environment that has the packages instead, set `TUNEWISE_PYTHON` to its Python.",
  arguments: [],
  flags: [
    {
      name: "python",
      value: "PATH",
      summary: "Python interpreter to create the environment with",
      completes: "file",
    },
    {
      name: "torch-index",
      value: "URL",
      summary: "package index with another PyTorch build, for older drivers or ROCm",
    },
    { name: "fresh", summary: "recreate an existing environment" },
    yesFlag,
  ],
  examples: [
    { line: "tunewise worker install", does: "install the build that fits this machine" },
    {
      line: "tunewise worker install --torch-index https://download.pytorch.org/whl/cu126",
      does: "install the build for driver version 525 and later",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [],
};

const show: Command = {
  name: "worker show",
  summary: "show the installed worker and the GPUs",
  category: "manage",
  about:
    "Shows the location of the worker's environment, its PyTorch version, and the GPUs with their used memory.",
  arguments: [],
  flags: [],
  examples: [{ line: "tunewise worker show --json", does: "show them as JSON" }],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const workerCommands: readonly Command[] = [install, show];
