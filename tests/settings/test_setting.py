import math
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.run import OPTIONS, SETTINGS, RunFrame, RunRequest
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.setting import (
    SHARE,
    Checked,
    Ending,
    Range,
    Setting,
    between,
    check_given,
    config_of,
    declared,
    whole,
)
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.settings.train import OPTIMIZERS, OptimizerName
from rnnlm_cli.settings.tricks import TrickConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(Checked):
    count: Annotated[int | None, Setting("How many.", whole(1, 9))] = None
    share: Annotated[float, Setting("How much.", SHARE)] = 0.5
    kind: Annotated[Literal["a", "b"], Setting("Which.")] = "a"
    file: Annotated[Path, Setting("Where.", Ending(".x"))] = Path("y.x")
    shares: Annotated[tuple[float, ...] | None, Setting("More.")] = None
    other: int = 0

    def _check_across(self) -> None:
        if self.kind == "b" and self.count is None:
            raise ConfigError("b needs a count")


@pytest.mark.parametrize("kind", [*SETTINGS, RunFrame, SampleConfig, TableConfig, TrickConfig])
def test_every_field_of_a_config_says_what_it_means(kind: type[Any]) -> None:
    assert list(declared(kind)) == [field.name for field in fields(kind)]
    assert all(each.setting.help.endswith(".") for each in declared(kind).values())


def test_of_a_request_all_is_a_setting_but_what_others_say() -> None:
    names = {field.name for field in fields(RunRequest)}
    assert names - declared(RunRequest).keys() == {"settings"}


def test_no_two_configs_of_a_run_have_a_setting_of_the_same_name() -> None:
    names = [name for kind in (RunRequest, *SETTINGS) for name in declared(kind)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 0}, "count is 0, but must be a whole number from 1 to 9"),
        ({"count": 2.0}, "count is 2.0, but must be a whole number from 1 to 9"),
        ({"count": True}, "count is True, but must be a whole number from 1 to 9"),
        ({"share": 1.0}, r"share is 1.0, but must be in \[0, 1\)"),
        ({"share": math.nan}, r"share is nan, but must be in \[0, 1\)"),
        ({"kind": "c"}, "kind is 'c', but must be one of a, b"),
        ({"file": Path("y.z")}, r"file is 'y.z', but must be a file name ending in \.x"),
        ({"shares": 0.5}, "shares is 0.5, but must be a list, each item a number"),
        ({"shares": ("a",)}, "shares is 'a', but must be a list, each item a number"),
        ({"kind": "b"}, "b needs a count"),
    ],
)
def test_a_config_checks_its_fields_and_what_goes_with_what(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{message}$"):
        Toy(**given)


EDGES = declared(ModelConfig)["cluster_edges"]


@pytest.mark.parametrize("given", [(800, 5_000), [800, 5_000], "800,5000"])
def test_edges_may_be_typed_or_be_a_list(given: Any) -> None:
    assert EDGES.given(given) == (800, 5_000)
    assert EDGES.typed(EDGES.given(given)) == ["--cluster-edges", "800,5000"]


def test_that_there_are_no_edges_can_be_typed() -> None:
    flag, word = EDGES.typed([])
    assert (flag, EDGES.given(word)) == ("--cluster-edges", ())


@pytest.mark.parametrize("text", ["", ",", "8,", "8;9", "-8,9", "8, 9", "8.5", "٣", "9" * 10])
def test_what_are_no_edges_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"cluster-edges is '.*', but must be whole numbers"):
        EDGES.given(text)


@pytest.mark.parametrize("edges", [(0, 5), (5, 5), (9, 5), (-1,), (True, 5), (1.0,), 5, (10**9,)])
def test_edges_rise(edges: Any) -> None:
    with pytest.raises(ConfigError, match=r"^cluster-edges is .*, but must be whole numbers"):
        ModelConfig(cluster_edges=edges)


def test_a_model_has_its_edges_however_it_was_asked_for_them() -> None:
    assert ModelConfig().edges == ()
    assert ModelConfig(head_size=7).edges == ModelConfig(cluster_edges=(7,)).edges == (7,)
    assert ModelConfig(cluster_edges=(7, 9)).edges == (7, 9)
    with pytest.raises(ConfigError, match="head-size is 7, but cluster-edges say where"):
        ModelConfig(head_size=7, cluster_edges=(9,))


def test_none_stands_where_the_type_has_it() -> None:
    assert Toy(count=None).count is None
    assert replace(Toy(), count=9, kind="b").kind == "b"


def test_what_is_given_is_checked_whatever_it_goes_with() -> None:
    check_given({"kind": "b", "unheard": 1}, Toy)
    check_given({"projection": True}, ModelConfig)
    with pytest.raises(ConfigError, match="share is -1"):
        check_given({"share": -1}, ModelConfig, Toy)


def test_a_config_takes_its_own_among_many_settings() -> None:
    assert config_of(Toy, {"share": 0.25, "lr": 3.0}) == Toy(share=0.25)


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (between(-2, 2), [-2, 0, 2], [-2.1, 2.1, math.nan]),
        (Range(needed="", above=0), [5e-324, 1e308], [0, -1, math.inf, math.nan]),
        (Range(needed="", least=0), [0, 1e308], [-5e-324, math.inf, math.nan]),
        (Range(needed=""), [-1e308], [-math.inf, math.inf, math.nan]),
    ],
)
def test_a_range_ends_where_it_says(
    allowed: Range, inside: list[float], outside: list[float]
) -> None:
    assert all(map(allowed.holds, inside))
    assert not any(map(allowed.holds, outside))


def test_a_switch_that_nothing_typed_turns_off_is_off_by_default() -> None:
    switches = [each for each in OPTIONS.values() if each.kind is bool]
    assert [each.name for each in switches if not each.typed(False) and each.default] == []
    assert [len(each.typed(True)) for each in switches] == [1] * len(switches)


def test_every_optimizer_has_rates_that_suit_it() -> None:
    assert tuple(OPTIMIZERS) == get_args(OptimizerName)


@pytest.mark.parametrize("value", [1, np.float32(1), np.int64(1), Fraction(1)])
def test_a_number_is_kept_as_what_is_typed_would_be(value: Any) -> None:
    lr = OPTIONS["lr"].given(value)
    assert (lr, type(lr)) == (1.0, float)
    assert type(declared(TrickConfig)["mixture"].given([value])[0]) is float


def test_a_whole_number_that_floats_have_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^lr is inf, but must be a finite number above 0$"):
        OPTIONS["lr"].check(OPTIONS["lr"].given(10**400))
    with pytest.raises(ConfigError, match=r"^layers is a number of too many digits, but must be"):
        OPTIONS["layers"].check(OPTIONS["layers"].given(10**5_000))
    with pytest.raises(ConfigError, match=r"^cluster-edges is a number of too many digits, but"):
        OPTIONS["cluster_edges"].check((5, 10**5_000))


@pytest.mark.parametrize("name", ["log", "tensorboard", "init_from", "vocab"])
@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_a_path_that_no_system_takes_is_refused(name: str, path: str) -> None:
    each = OPTIONS[name]
    with pytest.raises(ConfigError, match=rf"^{name.replace('_', '-')} is '.*', but must be the"):
        each.check(each.given(path))
