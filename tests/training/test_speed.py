"""How fast the machine is."""

from rnnlm_cli.training.speed import measured_flops


def test_the_machine_is_measured_in_a_moment() -> None:
    assert 1e8 < measured_flops(1) < 1e14
