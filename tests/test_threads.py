import os
import signal
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from rnnlm_cli import threads
from rnnlm_cli.threads import Cores


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_parts_cover_everything_once(number: int, size: int) -> None:
    seen: list[int] = []
    Cores(number).split(lambda start, stop: seen.extend(range(start, stop)), size, numbers=10**9)
    assert sorted(seen) == list(range(size))


def test_little_work_is_not_handed_over() -> None:
    parts: list[tuple[int, int]] = []
    Cores(2).split(lambda start, stop: parts.append((start, stop)), 100, numbers=100)
    assert parts == [(0, 100)]


def test_an_error_in_any_part_is_raised() -> None:
    def work(start: int, stop: int) -> None:
        if start:
            raise ValueError(f"part at {start}")

    with pytest.raises(ValueError, match="part at 5"):
        Cores(2).split(work, 10, numbers=10**9)


def test_the_blas_has_its_threads_back_afterwards(blas: list[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        Cores(2).split(lambda start, stop: divmod(1, 0) and None, 10, numbers=10**9)
    assert blas == [5, 1, 5]
    Cores(1).pipeline([lambda stage, chunk: None], 1, in_order=1)
    assert blas == [5, 1, 5, 1, 5]


def test_whoever_computes_has_as_many_blas_threads_as_were_given(blas: list[int]) -> None:
    with Cores().held():
        assert blas == [5]
    with Cores(3).held():
        assert blas == [5, 3]
    assert blas == [5, 3, 5]


@pytest.mark.parametrize(("quota", "used"), [(2, 2), (64, 5)])
def test_where_time_is_limited_the_blas_has_no_more_threads_than_it_is_for(
    quota: int, used: int, blas: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "core_quota", lambda: quota)
    with Cores().held():
        assert blas == [5, used]
    with Cores(3).held():
        assert blas == [5, used, 5, 3]


def test_blocks_that_overlap_leave_the_blas_what_it_had(blas: list[int]) -> None:
    first, second = threads.blas_threads(1), threads.blas_threads(2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert blas[-1] == 2
    second.__exit__(None, None, None)
    assert blas[-1] == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_is_forked_off_has_threads_of_its_own() -> None:
    cores = Cores(2)
    cores.deal(lambda chunk: None, 4)  # the threads of this process
    if not (child := os.fork()):
        signal.alarm(10)  # ends a child that waits for ever
        cores.deal(lambda chunk: None, 4)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_chunk_is_dealt_once(number: int) -> None:
    seen: list[int] = []
    Cores(number).deal(seen.append, 9)
    assert sorted(seen) == list(range(9))


def test_a_chunk_that_fails_ends_the_work_of_all() -> None:
    seen: list[int] = []

    def work(chunk: int) -> None:
        if not chunk:
            raise ValueError("chunk 0")
        time.sleep(0.001)
        seen.append(chunk)

    with pytest.raises(ValueError, match="chunk 0"):
        Cores(2).deal(work, 1_000)
    assert len(seen) < 500


def stages(log: list[tuple[int, int]], delay: Callable[[int, int], float]) -> list[threads.Stage]:
    def stage(number: int, chunk: int) -> None:
        time.sleep(delay(number, chunk))
        log.append((number, chunk))

    return [stage] * 3


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_pipeline_keeps_the_order_that_each_stage_needs(number: int) -> None:
    log: list[tuple[int, int]] = []
    Cores(number).pipeline(stages(log, lambda s, c: 0.001 * ((s + c) % 3)), 6, in_order=2)
    assert sorted(log) == [(s, c) for s in range(3) for c in range(6)]
    for stage in (0, 1):
        assert [c for s, c in log if s == stage] == list(range(6))
    for stage, chunk in log:
        assert stage == 0 or log.index((stage - 1, chunk)) < log.index((stage, chunk))


@pytest.mark.parametrize("number", [1, 2])
def test_a_stop_ends_the_pipeline_with_the_tasks_that_are_under_way(number: int) -> None:
    done: list[tuple[int, int]] = []

    def stage(number: int, chunk: int) -> None:
        done.append((number, chunk))

    assert not Cores(number).pipeline([stage] * 2, 1000, in_order=1, stop=lambda: len(done) >= 5)
    assert 5 <= len(done) <= 5 + number - 1
    assert Cores(number).pipeline([stage] * 2, 10, in_order=1)


def test_an_error_ends_the_pipeline() -> None:
    def stage(number: int, chunk: int) -> None:
        if (number, chunk) == (1, 2):
            raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        Cores(2).pipeline([stage, stage], 1000, in_order=1)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="there are no such signals here")
def test_an_interrupt_while_a_thread_waits_for_its_turn_ends_the_pipeline() -> None:
    done: list[int] = []

    def stage(number: int, chunk: int) -> None:
        done.append(chunk)
        time.sleep(0.001)
        if threading.current_thread() is not threading.main_thread() and not interrupted.is_set():
            interrupted.set()  # the main thread waits until this chunk is done
            signal.pthread_kill(main, signal.SIGINT)

    interrupted, main = threading.Event(), threading.get_ident()
    with pytest.raises(KeyboardInterrupt):
        Cores(2).pipeline([stage], 1_000, in_order=1)
    assert len(done) < 500


def test_a_warning_of_any_thread_is_an_error_of_the_suite() -> None:
    def work(start: int, stop: int) -> None:
        if start:
            np.exp(np.array([1e9]))

    with pytest.raises(RuntimeWarning, match="overflow"):
        Cores(2).split(work, 2, numbers=10**9)
    with pytest.raises(RuntimeWarning, match="overflow"):
        Cores(2).deal(lambda chunk: work(1, 2), 9)


def test_all_parts_run_in_the_context_of_the_caller() -> None:
    with np.errstate(over="ignore"):
        seen = Cores(2).split(lambda start, stop: np.geterr()["over"], 4, numbers=10**9)
    assert seen == ["ignore", "ignore"]
