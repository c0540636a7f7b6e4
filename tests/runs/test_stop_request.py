"""Signals ask a run to stop."""

import signal

import pytest

from rnnlm_cli.runs.stop_request import StopRequest

INT, TERM = signal.SIGINT, signal.SIGTERM


def begun() -> StopRequest:
    stop = StopRequest()
    stop.begin()
    return stop


@pytest.mark.parametrize("number", [INT, TERM])
def test_before_the_run_has_begun_a_signal_ends_it_at_once(number: int) -> None:
    stop = StopRequest()
    with pytest.raises(KeyboardInterrupt):
        stop.receive(number, None)
    assert stop.signal == number


@pytest.mark.parametrize("numbers", [[INT], [TERM], [TERM, TERM], [INT, TERM]])
def test_a_first_signal_and_any_but_an_interrupt_after_it_ask_for_a_stop(
    numbers: list[int],
) -> None:
    stop = begun()
    for number in numbers:
        stop.receive(number, None)
    assert stop()
    assert stop.signal == numbers[0]


@pytest.mark.parametrize("first", [INT, TERM])
def test_an_interrupt_after_another_signal_ends_the_run_at_once(first: int) -> None:
    stop = begun()
    stop.receive(first, None)
    with pytest.raises(KeyboardInterrupt):
        stop.receive(INT, None)
    assert stop.signal == first


def test_inside_a_shield_nothing_is_interrupted_until_its_end() -> None:
    stop, reached = StopRequest(), []

    def save() -> None:
        with stop.shield():
            stop.receive(INT, None)
            stop.receive(INT, None)
            reached.append("end")

    with pytest.raises(KeyboardInterrupt):
        save()
    assert reached == ["end"]


def test_a_first_signal_inside_a_shield_asks_for_a_stop_and_no_more() -> None:
    stop = StopRequest()
    with stop.shield():
        stop.receive(TERM, None)
    assert stop()
    assert stop.begun  # files have changed: from here on there is something to save


def test_an_error_inside_a_shield_passes_and_ends_it() -> None:
    stop = begun()
    with pytest.raises(ValueError, match="9"), stop.shield():
        raise ValueError("9")
    stop.receive(INT, None)
    with pytest.raises(KeyboardInterrupt):
        stop.receive(INT, None)


def test_signals_that_the_caller_ignores_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    stop = StopRequest()
    try:
        with stop.listening():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(TERM) == stop.receive
        assert signal.getsignal(TERM) != stop.receive
    finally:
        signal.signal(signal.SIGHUP, before)
