import numpy as np
import pytest

from rnnlm_cli.corpus.batches import ParallelStreams, cut_segments, padded_segments
from rnnlm_cli.errors import CorpusError

IDS = np.arange(13, dtype=np.int32)


def test_streams_are_cut_as_the_module_draws_them() -> None:
    streams = ParallelStreams(IDS, batch_size=2, time_size=3)
    assert streams.steps_per_epoch == 2
    xs, ts = streams.batch(0)
    np.testing.assert_array_equal(xs, [[0, 1, 2], [6, 7, 8]])
    np.testing.assert_array_equal(ts, xs + 1)
    np.testing.assert_array_equal(streams.batch(3)[0], [[3, 4, 5], [9, 10, 11]])


def test_a_segment_past_the_end_goes_on_in_the_next_stream() -> None:
    xs, ts = ParallelStreams(IDS, batch_size=2, time_size=3).batch(5)
    np.testing.assert_array_equal(xs, [[5, 6, 7], [11, 0, 1]])
    np.testing.assert_array_equal(ts, [[6, 7, 8], [12, 1, 2]])


def test_streams_follow_the_books_get_batch() -> None:
    """The index arithmetic of the book's RnnlmTrainer, over two epochs of a text of odd length."""
    xs, ts, batch_size, time_size = IDS[:-1], IDS[1:], 3, 2
    streams, time_idx = ParallelStreams(IDS, batch_size, time_size), 0
    for step in range(2 * streams.steps_per_epoch):
        mine = streams.batch(step * time_size)
        for t in range(time_size):
            for i in range(batch_size):
                index = (i * (len(xs) // batch_size) + time_idx) % len(xs)
                assert (mine[0][i, t], mine[1][i, t]) == (xs[index], ts[index])
            time_idx += 1


def test_a_text_too_short_for_one_batch_says_what_it_needs() -> None:
    with pytest.raises(CorpusError, match="13 tokens, but 3 streams of segments of 5 need 16"):
        ParallelStreams(IDS, batch_size=3, time_size=5)


@pytest.mark.parametrize("words", [1, 2, len(IDS)])
@pytest.mark.parametrize("streams", [1, 2, 3, 5, 20])
@pytest.mark.parametrize("time_size", [1, 4, 100])
def test_padded_segments_score_every_token_once_after_its_predecessor(
    words: int, streams: int, time_size: int
) -> None:
    ids, inputs, targets = IDS[:words], [], []
    for xs, ts in padded_segments(ids, streams=streams, time_size=time_size, before=99):
        inputs.append(xs)
        targets.append(ts)
    all_xs, all_ts = np.concatenate(inputs, axis=1), np.concatenate(targets, axis=1)
    scored = all_ts >= 0
    np.testing.assert_array_equal(all_ts[scored], ids)
    np.testing.assert_array_equal(all_xs[scored], [99, *ids[:-1]])


def test_cut_segments_drop_the_tail() -> None:
    batches = list(cut_segments(IDS, streams=2, time_size=4))
    assert len(batches) == 1
    np.testing.assert_array_equal(batches[0][1], [[1, 2, 3, 4], [7, 8, 9, 10]])
