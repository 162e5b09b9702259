"""A model of PyTorch's caching allocator: replays allocations and frees, and counts what it reserves."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

MIB = 1 << 20
MIN_BLOCK = 512
SMALL_SIZE = MIB
"""Largest allocation in the pool of small blocks."""
SMALL_SEGMENT = 2 * MIB
LARGE_SEGMENT = 20 * MIB
MIN_LARGE = 10 * MIB
"""Smallest allocation that gets a segment of its own size."""
ROUND_LARGE = 2 * MIB


class OutOfMemory(Exception):
    """An allocation did not fit on the GPU. `missing` is in bytes."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes are missing")
        self.missing = missing


@dataclass(eq=False)
class Block:
    """A part of a segment."""

    address: int
    size: int
    pool: "Pool"
    segment: int
    is_used: bool = False
    before: "Block | None" = None
    after: "Block | None" = None


@dataclass(eq=False)
class Pool:
    """Free blocks, by size and then address."""

    is_small: bool
    keys: list[tuple[int, int]] = field(default_factory=list)
    blocks: dict[tuple[int, int], Block] = field(default_factory=dict)
    last: Block | None = None
    """The last block of the expandable segment."""

    def add(self, block: Block) -> None:
        key = (block.size, block.address)
        insort(self.keys, key)
        self.blocks[key] = block

    def remove(self, block: Block) -> None:
        key = (block.size, block.address)
        del self.keys[bisect_left(self.keys, key)]
        del self.blocks[key]

    def best(self, size: int) -> Block | None:
        """The smallest block that holds `size`; among equals, the one with the lowest address."""
        at = bisect_left(self.keys, (size, -1))
        return self.blocks[self.keys[at]] if at < len(self.keys) else None


class Allocator:
    """Allocations of one stream on one GPU.

    Rules of `c10/cuda/CUDACachingAllocator.cpp`: two pools, segments of 2 MiB, 20 MiB or the size itself, best fit,
    splitting, merging. Cached segments are returned to the driver only if a new one does not fit.
    """

    def __init__(self, capacity: int | None = None, *, is_expandable: bool = False) -> None:
        """:param capacity: bytes that segments may take; `None` for no limit"""
        self.reserved = self.allocated = 0
        self.peak_reserved = self.peak_allocated = 0
        self._capacity = capacity
        self._is_expandable = is_expandable
        self._small, self._large = Pool(True), Pool(False)
        self._used: dict[int, Block] = {}
        self._next_address = 0
        self._segments = 0
        self._keys = -(1 << 40)

    def fresh(self) -> int:
        """A key that no allocation has used."""
        self._keys -= 1
        return self._keys

    def allocate(self, key: int, size: int) -> None:
        """:raises OutOfMemory: if the GPU has too little memory left"""
        if size <= 0:
            return
        size = rounded(size)
        pool = self._small if size <= SMALL_SIZE else self._large
        block = pool.best(size)
        if block is not None:
            pool.remove(block)
        elif self._is_expandable:
            block = self._expand(pool, size)
        else:
            block = self._new_segment(pool, size)
        self._split(block, size)
        block.is_used = True
        self._used[key] = block
        self.allocated += block.size
        self.peak_allocated = max(self.peak_allocated, self.allocated)

    def free(self, key: int) -> None:
        block = self._used.pop(key, None)
        if block is None:
            return
        self.allocated -= block.size
        block.is_used = False
        for other in (block.before, block.after):
            if other is not None and not other.is_used:
                block.pool.remove(other)
                _merge(block, other)
        if block.after is None and self._is_expandable:
            block.pool.last = block
        block.pool.add(block)

    def _split(self, block: Block, size: int) -> None:
        rest = block.size - size
        is_split = rest >= MIN_BLOCK if block.pool.is_small or self._is_expandable else rest > SMALL_SIZE
        if not is_split:
            return
        other = Block(block.address + size, rest, block.pool, block.segment, before=block, after=block.after)
        if block.after is not None:
            block.after.before = other
        elif self._is_expandable:
            block.pool.last = other
        block.after, block.size = other, size
        block.pool.add(other)

    def _new_segment(self, pool: Pool, size: int) -> Block:
        length = segment_size(size)
        self._take(length)
        self._segments += 1
        # segments are never adjacent, so their blocks do not merge
        block = Block(self._next_address, length, pool, self._segments)
        self._next_address += length + ROUND_LARGE
        return block

    def _expand(self, pool: Pool, size: int) -> Block:
        """Map pages at the end of the pool's segment, for the part that does not fit in its last free block."""
        last = pool.last
        unused = last.size if last is not None and not last.is_used else 0
        page = SMALL_SEGMENT if pool.is_small else LARGE_SEGMENT
        length = -(-(size - unused) // page) * page
        self._take(length)
        if last is not None and not last.is_used:
            pool.remove(last)
            last.size += length
            return last
        start = 0 if last is None else last.address + last.size
        block = Block(start, length, pool, 0, before=last)
        if last is not None:
            last.after = block
        pool.last = block
        return block

    def _take(self, length: int) -> None:
        if self._capacity is not None and self.reserved + length > self._capacity:
            self._release_cached()
            if self.reserved + length > self._capacity:
                raise OutOfMemory(self.reserved + length - self._capacity)
        self.reserved += length
        self.peak_reserved = max(self.peak_reserved, self.reserved)

    def _release_cached(self) -> None:
        """Release unused whole segments, or the unused end of an expandable one."""
        for pool in (self._small, self._large):
            for block in list(pool.blocks.values()):
                if block.before is None and block.after is None and not self._is_expandable:
                    pool.remove(block)
                    self.reserved -= block.size
            last = pool.last
            if self._is_expandable and last is not None and not last.is_used:
                page = SMALL_SEGMENT if pool.is_small else LARGE_SEGMENT
                given = last.size // page * page
                pool.remove(last)
                last.size -= given
                self.reserved -= given
                if last.size > 0:
                    pool.add(last)
                else:
                    pool.last = last.before
                    if last.before is not None:
                        last.before.after = None


def rounded(size: int) -> int:
    """Bytes that an allocation occupies."""
    return max(MIN_BLOCK, -(-size // MIN_BLOCK) * MIN_BLOCK)


def segment_size(size: int) -> int:
    """Bytes of the segment that is requested from the driver for an allocation."""
    if size <= SMALL_SIZE:
        return SMALL_SEGMENT
    return LARGE_SEGMENT if size < MIN_LARGE else -(-size // ROUND_LARGE) * ROUND_LARGE


def _merge(block: Block, other: Block) -> None:
    """Merge a neighbor into a block."""
    if other is block.before:
        block.address = other.address
        block.before = other.before
        if other.before is not None:
            other.before.after = block
    else:
        block.after = other.after
        if other.after is not None:
            other.after.before = block
    block.size += other.size
