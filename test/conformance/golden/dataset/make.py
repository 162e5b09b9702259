"""Makes the Parquet files of this folder with pyarrow: `python test/conformance/golden/dataset/make.py`."""
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

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
