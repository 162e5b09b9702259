"""Makes the Parquet, Arrow and Zstandard files of this folder with pyarrow: `python test/conformance/golden/dataset/make.py`."""
import json
import pathlib
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset, DatasetDict

HERE = pathlib.Path(__file__).parent

rows = [
    {"messages": [{"role": "user", "content": f"question {i} é😀"}, {"role": "assistant", "content": f"answer {i}"}], "id": i}
    for i in range(40)
]
rows[7]["messages"] = [{"role": "user", "content": "no answer"}]
rows[11]["messages"] = None
chat = pa.Table.from_pylist(rows)
for codec in ["snappy", "zstd", "gzip"]:
    pq.write_table(chat, HERE / f"chat-{codec}.parquet", compression=codec, row_group_size=16)

table = pa.table({"text": [f"text {i % 5}" for i in range(30)], "label": pa.array(list(range(30)), pa.int64()), "extra": [None, "x"] * 15})
pq.write_table(table, HERE / "table.parquet", compression="none")

# Arrow: streams (save_to_disk), files for random access, compressed parts, and values of each kind
chat_batches = chat.to_batches(max_chunksize=16)
for name, codec in [("chat-stream", None), ("chat-lz4", "lz4"), ("chat-zstd", "zstd")]:
    options = pa.ipc.IpcWriteOptions(compression=codec)
    new = pa.ipc.new_stream if name == "chat-stream" else pa.ipc.new_file
    with new(str(HERE / f"{name}.arrow"), chat.schema, options=options) as writer:
        for batch in chat_batches:
            writer.write_batch(batch)
kinds = pa.table({
    "prompt": pa.array(["a", None, "ç😀"]),
    "completion": pa.array(["x", "y", "x"]).dictionary_encode(),
    "large": pa.array(["l0", "l1", None], pa.large_string()),
    "view": pa.array(["short", "a string of more than twelve bytes", None], pa.string_view()),
    "big": pa.array([2**60 + 1, -1, None], pa.int64()),
    "half": pa.array([0.5, None, -1.5], pa.float64()),
    "yes": pa.array([True, False, None]),
    "day": pa.array([0, 19783, None], pa.date32()),
    "when": pa.array([0, 1709285400000000, None], pa.timestamp("us")),
    "list": pa.array([[1, 2], [], None], pa.list_(pa.int32())),
    "texts": pa.array([["p", None], ["q"], []], pa.list_(pa.string())),
    "struct": pa.array([{"a": 1, "b": "z"}, None, {"a": None, "b": "w"}]),
    "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int32())),
    "bytes": pa.array([b"\x00\x01", b"", None]),
    "fixed": pa.array([[1.0, 2.0], [3.0, 4.0], None], pa.list_(pa.float32(), 2)),
    "none": pa.nulls(3),
})
with pa.ipc.new_stream(str(HERE / "kinds.arrow"), kinds.schema) as writer:
    writer.write_table(kinds)

# calls of two tools, each of which has the other's arguments as null
calls = [
    [{"function": {"name": "weather", "arguments": {"city": "Bern"}}}],
    [{"function": {"name": "convert", "arguments": {"amount": 2.5, "currency": {"to": "CHF", "rate": None}}}}],
]
turns = [
    {"messages": [{"role": "user", "content": "q", "tool_calls": None}, {"role": "assistant", "content": None, "tool_calls": call}]}
    for call in calls
]
tools = pa.Table.from_pylist(turns)
pq.write_table(tools, HERE / "tools.parquet")
with pa.ipc.new_stream(str(HERE / "tools.arrow"), tools.schema) as writer:
    writer.write_table(tools)

# text compressed as a whole, in two frames
with open(HERE / "chat.jsonl.zst", "wb") as packed:
    for part in [rows[:20], rows[20:]]:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part)
        packed.write(pa.Codec("zstd").compress(text.encode(), asbytes=True))

# folders: a saved DatasetDict with two files of training rows, and the layout of hub repositories
pairs = lambda start, count: Dataset.from_list([{"question": f"What is {i} and {i}?", "answer": f"It is {2 * i}."} for i in range(start, start + count)])
saved = DatasetDict({"train": pairs(0, 12), "validation": pairs(20, 3), "test": pairs(30, 3)})
shutil.rmtree(HERE / "saved", ignore_errors=True)
saved.save_to_disk(HERE / "saved", num_shards={"train": 2, "validation": 1, "test": 1})
shutil.rmtree(HERE / "hub", ignore_errors=True)
(HERE / "hub/data").mkdir(parents=True)
for number in range(2):
    saved["train"].shard(2, number).to_parquet(HERE / f"hub/data/train-0000{number}-of-00002.parquet")
saved["test"].to_parquet(HERE / "hub/data/test-00000-of-00001.parquet")
