import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.arguments import as_arguments, told_as_arguments
from rnnlm_cli.settings.run import SETTINGS, RunRequest


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("use --min-count 3, which", "use min_count=3, which"),
        ("a smaller --batch-size", "a smaller batch_size="),
        ("min-count is -3", "min_count is -3"),
        ("which --encoding cp1252 reads", "which encoding='cp1252' reads"),
        ("with --encoding, or save", "with encoding=, or save"),
        ("--record paragraph keeps", "record='paragraph' keeps"),
        ("use --tied with --no-projection", "use tied=True with projection=False"),
        ("'/a/min-count' and --length", "'/a/min-count' and --length"),
        ("'my min-count.pkl' is, a model's --lr", "'my min-count.pkl' is, a model's lr="),
        ("'it's --lr 3' is, lr, 'its --lr'", "'it's --lr 3' is, lr, 'its --lr'"),
        ("my min-count.pkl: no --lr: use min-count", "my min-count.pkl: no lr=: use min_count"),
        ("> min-count.txt, and min-count.", "> min-count.txt, and min_count."),
    ],
)
def test_an_option_is_told_as_the_argument_it_is(typed: str, told: str) -> None:
    assert as_arguments(typed, RunRequest, *SETTINGS) == told


def test_the_error_stays_of_its_kind() -> None:
    with pytest.raises(ConfigError, match=r"^a larger hidden_size=$"), told_as_arguments(*SETTINGS):
        raise ConfigError("a larger --hidden-size")
