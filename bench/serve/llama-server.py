"""Starts llama.cpp's own server, from the PyPI package xllamacpp, and prints its address.

    python -m venv V && V/bin/pip install xllamacpp==2026.10.11549
    V/bin/python bench/serve/llama-server.py MODEL.gguf [--threads 2] [--slots 32] [--context 16384] [--flash auto|on|off]

The wheel is compiled for AVX2. For AVX-512 and AMX compile it on this machine:

    CMAKE_ARGS=-DGGML_NATIVE=ON V/bin/pip install --no-binary xllamacpp xllamacpp==2026.10.11549
"""

import argparse
import os
import sys
import time

import xllamacpp

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--slots", type=int, default=32)
parser.add_argument("--context", type=int, default=16384)
parser.add_argument("--flash", choices=["auto", "on", "off"], default="auto")
parser.add_argument("--port", type=int, default=8090)
given = parser.parse_args()

params = xllamacpp.CommonParams()
params.model.path = given.model
params.port = given.port
params.n_parallel = given.slots
params.n_ctx = given.context
params.cont_batching = True
params.cpuparams.n_threads = given.threads
params.cpuparams_batch.n_threads = given.threads
flash = xllamacpp.llama_flash_attn_type
names = {"auto": "LLAMA_FLASH_ATTN_TYPE_AUTO", "on": "LLAMA_FLASH_ATTN_TYPE_ENABLED", "off": "LLAMA_FLASH_ATTN_TYPE_DISABLED"}
params.flash_attn_type = getattr(flash, names[given.flash])
server = xllamacpp.Server(params)
print(f"{server.listening_address}/v1 pid {os.getpid()}", flush=True)
print(xllamacpp.get_system_info(), file=sys.stderr, flush=True)
while True:
    time.sleep(3600)
