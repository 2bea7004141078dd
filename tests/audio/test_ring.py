import threading

import numpy as np

from assistant.audio.ring import BlockRing


def block(value: int, size: int = 4) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.full(size, value, dtype=np.int16)


def test_blocks_come_out_in_order_with_their_times() -> None:
    ring = BlockRing(4, 4)
    ring.write(block(1), 0.5)
    ring.write(block(2, size=3), 0.6, xrun=True)
    assert len(ring) == 2
    first, second = ring.read(), ring.read()
    assert first is not None
    assert second is not None
    assert (first.pcm.tolist(), first.at, first.xrun) == ([1, 1, 1, 1], 0.5, False)
    assert (second.pcm.tolist(), second.at, second.xrun) == ([2, 2, 2], 0.6, True)
    assert ring.read() is None


def test_a_full_ring_drops_counts_and_says_so_later() -> None:
    ring = BlockRing(2, 4)
    assert [ring.write(block(n), float(n)) for n in range(4)] == [True, True, False, False]
    assert ring.overflows == 2
    oldest = ring.read()
    assert oldest is not None
    assert oldest.pcm[0] == 0
    assert ring.write(block(9), 9.0)
    ring.read()
    after_the_gap = ring.read()
    assert after_the_gap is not None
    assert (after_the_gap.pcm[0], after_the_gap.xrun) == (9, True)


def test_what_was_read_is_not_overwritten() -> None:
    ring = BlockRing(2, 4)
    ring.write(block(1), 0.0)
    kept = ring.read()
    for n in range(2, 4):
        ring.write(block(n), 0.0)
    assert kept is not None
    assert kept.pcm.tolist() == [1, 1, 1, 1]


def test_two_threads_lose_nothing_that_was_accepted() -> None:
    ring = BlockRing(64, 1)
    total = 2_000

    def write() -> None:
        for n in range(total):
            while not ring.write(block(n % 1000, 1), float(n)):
                pass

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[float] = []
    while len(seen) < total:
        item = ring.read()
        if item is not None:
            assert item.pcm[0] == int(item.at) % 1000
            seen.append(item.at)
    writer.join()
    assert seen == [float(n) for n in range(total)]
