"""Traces of training steps: the allocator on small cases, known sizes, and properties of any trace."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tunewise_worker.problems import Problem
from tunewise_worker.trace.allocator import MIB, Allocator, OutOfMemory, rounded, segment_size
from tunewise_worker.trace.cuda import Card, CudaSemantics, choose_kernel
from tunewise_worker.trace.quantized import Linear4bit
from tunewise_worker.trace.recorder import Recorder
from tunewise_worker.trace.request import read_request
from tunewise_worker.trace.step import Trace, trace

LLAMA = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
LLAMA |= {"num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 512, "tie_word_embeddings": True}


def run(config: dict | None = None, **changes: dict) -> Trace:
    """A trace of a small model; `changes` replace parts of the request."""
    given = {
        "model": {"config": LLAMA | (config or {}), "dtype": "bfloat16"},
        "method": {"kind": "lora", "rank": 8},
        "batches": [[128, 128]],
    }
    return trace(read_request(given | changes))


# The allocator


def test_sizes_are_rounded_as_the_allocator_does() -> None:
    assert [rounded(one) for one in (1, 512, 513, 1000)] == [512, 512, 1024, 1024]
    assert [segment_size(one) for one in (512, MIB)] == [2 * MIB, 2 * MIB]
    assert [segment_size(one * MIB) for one in (2, 9, 10, 11)] == [20 * MIB, 20 * MIB, 10 * MIB, 12 * MIB]


def test_small_blocks_share_a_segment_and_merge() -> None:
    allocator = Allocator()
    for key in range(4):
        allocator.allocate(key, 512 * 1024)
    assert (allocator.reserved, allocator.allocated) == (2 * MIB, 2 * MIB)
    allocator.free(1)
    allocator.free(2)
    allocator.allocate(4, MIB)  # fits into the two adjacent free blocks
    assert allocator.reserved == 2 * MIB
    allocator.allocate(5, 512)
    assert allocator.reserved == 4 * MIB


def test_a_large_block_is_split_only_where_more_than_a_mebibyte_is_left() -> None:
    allocator = Allocator()
    allocator.allocate(1, 19 * MIB)
    assert allocator.reserved == 20 * MIB  # a segment of its own: 19 MiB rounded up to a multiple of 2 MiB
    allocator.free(1)
    allocator.allocate(2, 19 * MIB)  # 1 MiB would be left: the block is not split
    assert allocator.allocated == 20 * MIB
    allocator.free(2)
    allocator.allocate(3, 18 * MIB)
    assert (allocator.allocated, allocator.reserved) == (18 * MIB, 20 * MIB)


def test_the_smallest_block_that_fits_is_taken() -> None:
    allocator = Allocator()
    for key, size in ((1, 40), (2, 30)):
        allocator.allocate(key, size * MIB)
    allocator.free(1)
    allocator.free(2)
    allocator.allocate(3, 29 * MIB)  # into the block of 30 MiB, not that of 40
    allocator.allocate(4, 40 * MIB)
    assert allocator.reserved == 70 * MIB


def test_fragments_make_a_new_segment() -> None:
    allocator = Allocator()
    for key in range(4):
        allocator.allocate(key, 5 * MIB)  # one segment of 20 MiB
    allocator.free(0)
    allocator.free(2)
    allocator.allocate(9, 6 * MIB)  # 10 MiB are free, but no contiguous 6 MiB
    assert (allocator.allocated, allocator.reserved) == (16 * MIB, 40 * MIB)


def test_cached_segments_go_back_before_memory_runs_out() -> None:
    allocator = Allocator(100 * MIB)
    allocator.allocate(1, 60 * MIB)
    allocator.free(1)
    allocator.allocate(2, 80 * MIB)
    assert (allocator.reserved, allocator.peak_reserved) == (80 * MIB, 80 * MIB)
    with pytest.raises(OutOfMemory) as error:
        allocator.allocate(3, 30 * MIB)
    assert error.value.missing == 10 * MIB


def test_expandable_segments_grow_instead() -> None:
    allocator = Allocator(is_expandable=True)
    for key in range(4):
        allocator.allocate(key, 5 * MIB)
    allocator.free(3)
    allocator.allocate(9, 24 * MIB)  # 5 MiB at the end, and one page of 20 MiB
    assert (allocator.allocated, allocator.reserved) == (39 * MIB, 40 * MIB)


# Behavior of a GPU


@pytest.mark.parametrize(
    ("capability", "dtype", "width", "is_grouped", "kernel"),
    [
        ((8, 0), torch.bfloat16, 64, True, "flash"),
        ((8, 0), torch.float32, 64, False, "efficient"),
        ((8, 0), torch.float32, 64, True, "math"),
        ((8, 0), torch.bfloat16, 320, False, "efficient"),
        ((7, 5), torch.float16, 64, False, "efficient"),
        ((7, 5), torch.float16, 64, True, "math"),
        ((7, 5), torch.bfloat16, 64, False, "math"),
        ((7, 5), torch.float16, 60, False, "math"),
    ],
)
def test_the_kernel_of_attention(
    capability: tuple[int, int], dtype: torch.dtype, width: int, is_grouped: bool, kernel: str
) -> None:
    query = torch.empty(1, 4, 8, width, dtype=dtype, device="meta")
    assert choose_kernel(Card(capability), query, query, None, is_grouped=is_grouped) == kernel


def test_a_mask_rules_flash_out() -> None:
    query = torch.empty(1, 4, 8, 64, dtype=torch.bfloat16, device="meta")
    mask = torch.empty(1, 1, 8, 8, dtype=torch.bool, device="meta")
    assert choose_kernel(Card((8, 0)), query, query, mask, is_grouped=False) == "efficient"


def test_autocast_keeps_one_copy_of_a_weight() -> None:
    weight = torch.empty(64, 64, device="meta", requires_grad=True)
    given = torch.empty(2, 64, device="meta")
    recorder, semantics = Recorder(), CudaSemantics(Card())
    with recorder, semantics, semantics.autocast(torch.bfloat16):
        first = torch.nn.functional.linear(given, weight)
        before = recorder.live
        second = torch.nn.functional.linear(given, weight)
        assert first.dtype == second.dtype == torch.bfloat16
        assert recorder.live - before == 2 * rounded(2 * 64 * 2)  # the result, and the input, cast again
        assert torch.softmax(first, -1).dtype == torch.float32
    assert recorder.log.work["matmul"].flops == 2 * 2 * 2 * 64 * 64


def test_dropout_keeps_a_byte_a_value() -> None:
    given = torch.empty(1024, 1024, device="meta", requires_grad=True)
    recorder = Recorder()
    with recorder, CudaSemantics(Card()):
        result = torch.nn.functional.dropout(given, 0.1)
    assert recorder.live == 5 * MIB and result.shape == given.shape


def test_softmax_takes_a_workspace_backwards() -> None:
    given = torch.empty(4, 256, 1024, device="meta", requires_grad=True)
    recorder = Recorder()
    torch.autograd.set_multithreading_enabled(False)
    with recorder, CudaSemantics(Card()):
        torch.softmax(given, -1).sum().backward()
    live, peak = 0, 0
    sizes = dict(one for one in recorder.log.events if one[1])
    for number, size in recorder.log.events:
        live += size or -sizes[number]
        peak = max(peak, live)
    # the result, its gradient (an expanded scalar), the product, and the gradient of the input
    assert 12 * MIB <= peak < 13 * MIB


# Quantized weights


def test_quantized_bytes_are_exact() -> None:
    base = torch.nn.Linear(1024, 512, bias=False, device="meta")
    plain = Linear4bit(base, torch.bfloat16, doubles=False)
    assert plain.weight.numel() == 1024 * 512 // 2
    assert sum(one.numel() * one.element_size() for one in plain.state) == 4 * 1024 * 512 // 64 + 64
    double = Linear4bit(base, torch.bfloat16, doubles=True)
    scales = 1024 * 512 // 64
    assert sum(one.numel() * one.element_size() for one in double.state) == scales + 64 + 4 * scales // 256 + 1024 + 4


# Whole steps


def test_every_layer_adds_the_same() -> None:
    moments = [run({"num_hidden_layers": layers}).moments for layers in (2, 3, 4)]
    for name in ("load", "forward", "backward"):
        peaks = [one[name].peak for one in moments]
        assert peaks[2] - peaks[1] == peaks[1] - peaks[0] > 0, name


def test_terms_add_up_to_the_peak() -> None:
    found = run()
    for moment in found.moments.values():
        assert sum(moment.terms.values()) == moment.peak
    terms = found.moments["backward"].terms
    rank, count = 8, 2 * (64 + 64 + 64 + 32 + 64 + 32 + 64 + 64 + 3 * (64 + 128)) * 8
    assert rank * terms["trained weights"] >= rank * 4 * count  # float32, each rounded up
    assert terms["optimizer states"] >= 2 * terms["trained weights"]
    assert found.replay.reserved >= found.replay.allocated >= found.peak


def test_causal_attention_computes_half_of_the_products() -> None:
    found = run(method={"kind": "lora", "rank": 8}, batches=[[128]])
    whole = 4 * 128 * 128 * 16 * 4 * 2  # two products in two layers with four heads each
    assert found.shapes[0].work["attention"].flops == pytest.approx(whole / 2 * 3.5)  # backward: five products


def test_recomputing_lowers_activations() -> None:
    kept, again = run(), run(training={"recompute": "layer"})
    assert sum(again.layers) < 0.2 * sum(kept.layers)
    assert again.shapes[0].work["matmul"].flops > kept.shapes[0].work["matmul"].flops


def test_quantization_lowers_frozen_weights() -> None:
    wide = {"hidden_size": 512, "intermediate_size": 2048}
    plain = run(wide).moments["backward"].terms["frozen weights"]
    quantized = run(wide, method={"kind": "qlora", "rank": 8}).moments["backward"].terms["frozen weights"]
    assert 0.25 < quantized / plain < 0.4


def test_full_fine_tuning_has_gradients_and_states_of_every_weight() -> None:
    found = run(method={"kind": "full"})
    weights = found.moments["step"].terms["trained weights"]
    assert found.moments["step"].terms["gradients"] == weights
    assert found.moments["step"].terms["optimizer states"] >= 2 * weights


@pytest.mark.parametrize("program", ["worker", "peft"])
def test_bfloat16_weights_halve_what_is_held_and_need_no_copies(program: str) -> None:
    masters = ("auto", "bfloat16")
    found = [run(method={"kind": "full"}, program=program, training={"masterDtype": one}) for one in masters]
    plain, half = (one.moments["step"].terms for one in found)
    for name in ("trained weights", "gradients"):
        assert half[name] == pytest.approx(plain[name] / 2, rel=0.02)  # sizes are rounded to 512 bytes
    assert half["optimizer states"] < 0.6 * plain["optimizer states"]
    assert "weight copies" not in found[1].moments["forward"].terms


@pytest.mark.parametrize("method", ["lora", "full"])
def test_experts_are_all_held_and_some_computed(method: str) -> None:
    experts = {"model_type": "qwen3_moe", "num_experts": 8, "moe_intermediate_size": 64, "head_dim": 16}
    few, many = (
        run(experts | {"num_experts_per_tok": chosen}, method={"kind": method, "rank": 8, "targets": ["q_proj"]})
        for chosen in (1, 4)
    )
    frozen = "frozen weights" if method == "lora" else "trained weights"
    assert few.moments["load"].terms[frozen] == many.moments["load"].terms[frozen]
    assert few.shapes[0].work["matmul"].flops < many.shapes[0].work["matmul"].flops


def test_packed_rows_are_one() -> None:
    found = run(batches=[[64, 64, 64, 64]], training={"batching": "pack"})
    assert found.moments["forward"].peak > 0 and found.kernels  # the model's own code checks whether rows are packed


def test_sharding_divides_what_is_sharded() -> None:
    whole, cut = (run(method={"kind": "full"}, world={"size": size, "sharding": "fsdp"}) for size in (1, 4))
    before, after = whole.moments["step"].terms, cut.moments["step"].terms
    assert after["trained weights"] == pytest.approx(before["trained weights"] / 4, rel=0.05)
    assert after["optimizer states"] == pytest.approx(before["optimizer states"] / 4, rel=0.15)
    assert "gathered weights" in cut.moments["backward"].terms
    assert "gathered weights" not in after


def test_sharded_weights_are_gathered_in_the_type_that_computes() -> None:
    wide = {"hidden_size": 512, "intermediate_size": 2048}
    full = {"method": {"kind": "full"}, "training": {"recompute": "layer"}}
    whole, cut = (run(wide, **full, world={"size": size, "sharding": "fsdp"}) for size in (1, 4))
    model = {"config": LLAMA | wide, "dtype": "float32"}
    exact = run(model=model, **full, world={"size": 4, "sharding": "fsdp"})
    assert whole.moments["forward"].terms["weight copies"] > 0
    assert "weight copies" not in cut.moments["forward"].terms
    found, as_float = (one.moments["forward"].terms["gathered weights"] for one in (cut, exact))
    assert 0.5 * as_float < found < as_float  # gradients are temporarily whole in float32, whatever the compute type


@pytest.mark.parametrize("program", ["worker", "peft"])
def test_gradients_of_the_first_batch_are_held_during_the_second(program: str) -> None:
    for world in ({}, {"size": 4, "sharding": "fsdp"}):
        found = run(method={"kind": "full"}, program=program, accumulates=True, world=world)
        assert found.moments["forward"].terms["gradients"] == found.moments["step"].terms["gradients"]
        assert found.moments["forward"].terms.get("gathered weights") == found.moments["backward"].terms.get(
            "gathered weights"
        )
    one = run(method={"kind": "full"}, program=program)
    assert "gradients" not in one.moments["forward"].terms
    assert found.shapes[0].work["matmul"].flops == 2 * one.shapes[0].work["matmul"].flops


def test_a_large_evaluation_is_a_moment_of_its_own() -> None:
    without, found = run(), run(evaluation=[128] * 64)
    assert found.moments["evaluation"].peak > 0 and "evaluation" not in without.moments
    assert found.moments["evaluation"].terms["optimizer states"] == found.moments["step"].terms["optimizer states"]
    assert found.replay.allocated > without.replay.allocated
    assert found.moments["backward"].terms == without.moments["backward"].terms


def test_quantized_weights_kept_as_bytes_are_not_sharded() -> None:
    def frozen(shards: bool) -> int:
        world = {"size": 4, "sharding": "fsdp", "shardsQuantized": shards}
        wide = {"hidden_size": 512, "intermediate_size": 2048}
        return run(wide, method={"kind": "qlora", "rank": 8}, world=world).moments["load"].terms["frozen weights"]

    assert frozen(False) > 2 * frozen(True)


def test_a_card_too_small_says_by_how_much() -> None:
    found = run(card={"capability": "8.0", "memoryBytes": 20 * MIB})
    assert found.replay.missing > 0


def test_longer_batches_come_first_and_others_are_replayed() -> None:
    lengths = {"histogram": [[32, 6], [128, 2], [64, 4]], "rowsPerBatch": 2}
    found = trace(read_request({"model": {"config": LLAMA}, "method": {"kind": "lora"}, "lengths": lengths}))
    assert found.shapes[0].lengths == [128, 128] and len(found.shapes) == 3
    assert found.replay.steps == 1 + 6


# The entry point


def test_the_program_answers_in_json(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps({"model": {"config": LLAMA}, "method": {"kind": "lora"}, "batches": [[64]]}))
    other = tmp_path / "other.json"
    other.write_text("{}")
    command = [sys.executable, "-m", "tunewise_worker.trace", str(other), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True)
    refused, found = map(json.loads, done.stdout.splitlines())
    assert refused["problem"]["code"] == "TRACE_REQUEST_INVALID"
    assert found["peakReservedBytes"] >= found["peakAllocatedBytes"] > 0
    assert set(found["moments"]) == {"load", "forward", "backward", "step"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "model"),
        ({"model": {"config": LLAMA}, "method": {}, "batches": []}, "batches"),
        ({"model": {"config": LLAMA, "dtype": "int8"}, "method": {}, "batches": [[1]]}, "dtype"),
        ({"model": {"config": LLAMA}, "method": {}, "batches": [[1]], "card": {"capability": "T4"}}, "card.capability"),
        ({"model": {"config": LLAMA}, "method": {}, "training": {"penalty": {"kind": "l3"}}}, "kind"),
    ],
)
def test_a_request_that_is_wrong_names_the_field(given: dict, field: str) -> None:
    with pytest.raises(Problem) as error:
        read_request(given)
    assert error.value.code == "TRACE_REQUEST_INVALID"
    assert error.value.params["field"] == field


def test_a_model_that_is_not_known_is_said() -> None:
    with pytest.raises(Problem, match="TRACE_MODEL_UNKNOWN"):
        run({"model_type": "no-such-model"})


def test_experts_are_traced_for_a_card_without_grouped_products() -> None:
    experts = {"model_type": "qwen3_moe", "num_experts": 4, "moe_intermediate_size": 64, "num_experts_per_tok": 2}
    assert run(experts | {"head_dim": 16}, card={"capability": "7.5"}).peak > 0


def test_dora_holds_whole_updates_and_magnitudes() -> None:
    plain, dora = run(), run(method={"kind": "lora", "rank": 8, "dora": True})
    rows = 2 * (64 + 32 + 32 + 64 + 128 + 128 + 64)
    trained = [one.moments["step"].terms["trained weights"] for one in (plain, dora)]
    assert 4 * rows <= trained[1] - trained[0] < 4 * rows + 2 * 7 * 512
    assert dora.peak > plain.peak


# Penalties

WIDE = {"hidden_size": 256, "intermediate_size": 1024, "vocab_size": 4096}
LARGEST = 4096 * 256 * 4
"""Bytes of the largest weight."""


def with_penalty(method: dict, *, rows: int = 8, world: dict | None = None, **penalty: object) -> Trace:
    return run(WIDE, method=method, training={"penalty": penalty}, batches=[[rows]], world=world or {})


@pytest.mark.parametrize(("penalty", "copies"), [({"kind": "l2-sp"}, 5), ({"kind": "ewc", "storage": "full"}, 6)])
def test_a_penalty_on_the_weights_is_a_moment_of_its_own(penalty: dict, copies: int) -> None:
    found, without = with_penalty({"kind": "full"}, **penalty), run(WIDE, method={"kind": "full"}, batches=[[8]])
    terms = found.moments["penalty"].terms
    # anchors and importance are in CPU memory; the GPU holds copies of one weight at a time
    assert terms["penalty"] == pytest.approx(copies * LARGEST, rel=0.01)
    assert terms["gradients"] == terms["trained weights"]
    assert found.peak == found.moments["penalty"].peak > without.peak
    assert found.moments["step"].terms == without.moments["step"].terms
    sent = found.shapes[0].work["transfer"].bytes
    assert sent == pytest.approx((1 if penalty["kind"] == "l2-sp" else 2) * terms["trained weights"], rel=0.01)
    assert without.shapes[0].work["matmul"].flops == found.shapes[0].work["matmul"].flops


def test_the_penalty_of_an_adapter_is_on_its_products() -> None:
    found = with_penalty({"kind": "lora", "rank": 8}, kind="ewc", storage="factored")
    assert found.moments["penalty"].terms["penalty"] == pytest.approx(6 * 1024 * 256 * 4, rel=0.02)
    assert found.shapes[0].work["penalty"].flops > 0


def test_importance_is_estimated_before_the_first_step() -> None:
    lora = {"kind": "lora", "rank": 8}
    whole, factored = (with_penalty(lora, kind="ewc", storage=one) for one in ("full", "factored"))
    matrices = 2 * 256 * (256 + 128 + 128 + 256 + 3 * 1024) * 4
    assert whole.moments["importance"].terms["importance"] == matrices
    assert factored.moments["importance"].terms["importance"] < 0.02 * matrices
    assert "optimizer states" not in whole.moments["importance"].terms
    assert "importance" not in with_penalty(lora, kind="l2-sp").moments
    long = with_penalty(lora, kind="ewc", storage="factored", tokens=512)
    assert long.moments["importance"].peak > factored.moments["importance"].peak
    training = {"penalty": {"kind": "ewc", "storage": "full"}}
    deep = run(WIDE | {"num_hidden_layers": 8}, method=lora, training=training, batches=[[8]])
    assert deep.replay.allocated >= deep.moments["importance"].peak == deep.peak


def test_a_penalty_on_sharded_weights_is_of_a_share() -> None:
    sharding = {"size": 4, "sharding": "fsdp"}
    settings = {"kind": "ewc", "storage": "full"}
    whole, cut = (with_penalty({"kind": "full"}, world=world, **settings) for world in (None, sharding))
    for moment, term in (("penalty", "penalty"), ("importance", "importance")):
        before, after = (one.moments[moment].terms[term] for one in (whole, cut))
        assert after == pytest.approx(before / 4, rel=0.02)
    before, after = (one.shapes[0].work["transfer"].bytes for one in (whole, cut))
    assert after == before // 4
    products = [
        with_penalty({"kind": "lora", "rank": 8}, world=world, **settings).moments["penalty"].terms["penalty"]
        for world in (None, sharding)
    ]
    assert products[0] == products[1]


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
def test_labels_may_be_drawn(method: str) -> None:
    settings = {"kind": "ewc", "storage": "factored", "estimator": "sampled"}
    assert with_penalty({"kind": method, "rank": 8}, **settings).moments["importance"].peak > 0
