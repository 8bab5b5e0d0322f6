"""Who owns a bare name: the one whom it fits, unless another fits about as well or a verdict is in the way."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from resolver.clusters import Constraints, Owners, Pairs
from resolver.clusters.units import Unit
from resolver.linking import Outcome
from resolver.linking.weak import LEAST_SURE, stand_alone
from resolver.model import LinkedBy

ALONE = np.arange(4)


def owners(*pairs: tuple[int, int, float], shut: tuple[tuple[int, int], ...] = ()) -> Owners:
    """Units 0 and 1 are bare names, 2 and 3 full ones; pairs are given with their bits."""
    left, right, bits = (np.array(column) for column in zip(*pairs, strict=True))
    units = [Unit(n, (n,), n < 2) for n in range(4)]
    weak, held = np.array([True, True, False, False]), np.zeros(4, dtype=bool)
    found = Pairs(left, right, bits.astype(float), np.zeros(len(bits), dtype=bool))
    return Owners(units, weak, held, found, shut)


def test_a_bare_name_goes_to_the_one_whom_it_fits() -> None:
    assert owners((0, 2, 5.0), (0, 3, 1.0)).attach_to_well_known(ALONE, least=1.0).tolist() == [0, 1, 0, 3]


def test_a_bare_name_that_fits_another_about_as_well_goes_to_neither() -> None:
    assert owners((0, 2, 5.0), (0, 3, 4.8)).attach_to_well_known(ALONE, least=1.0).tolist() == [0, 1, 2, 3]


def test_a_verdict_keeps_a_bare_name_from_the_one_whom_it_fits() -> None:
    found = owners((0, 2, 5.0), shut=((2, 0),)).attach_to_well_known(ALONE, least=1.0)
    assert found.tolist() == [0, 1, 2, 3]


def test_two_bare_names_that_a_verdict_keeps_apart_do_not_meet_at_one_owner() -> None:
    found = owners((0, 2, 5.0), (1, 2, 5.0), shut=((0, 1),)).attach_to_well_known(ALONE, least=1.0)
    assert found.tolist() == [0, 1, 0, 3]


def test_a_doubtful_bare_name_is_taken_out_of_its_cluster() -> None:
    together = np.array([0, 1, 0, 3])
    assert owners((0, 2, 5.0), (0, 3, 4.8)).detach_doubtful(together).tolist() == [0, 1, 2, 3]
    assert owners((0, 2, 5.0), (0, 3, 1.0)).detach_doubtful(together).tolist() == [0, 1, 0, 3]


@pytest.mark.parametrize(("sure", "stays"), [(LEAST_SURE + 0.01, True), (LEAST_SURE - 0.01, False)])
def test_a_bare_name_that_is_no_ones_likely_stands_alone_and_lists_all(sure: float, stays: bool) -> None:
    work = SimpleNamespace(held=np.zeros(4, dtype=bool), constraints=Constraints())
    doubt = Outcome(0, sure, LinkedBy.NAME, ((0, sure), (3, 0.3)))
    labels, outcomes = stand_alone(work, np.array([0, 1, 0, 3]), {0: doubt})  # type: ignore[arg-type]
    assert labels.tolist() == ([0, 1, 0, 3] if stays else [0, 1, 2, 3])
    found = outcomes[0]
    assert found.cluster == labels[0]
    assert dict(found.options)[3] == 0.3
    assert dict(found.options)[int(labels[2])] == sure
    if not stays:
        assert found.options[0] == (0, pytest.approx(1 - sure - 0.3))


def test_what_is_held_or_bound_by_a_verdict_does_not_stand_alone() -> None:
    doubt = Outcome(0, 0.1, LinkedBy.NAME, ((0, 0.1), (3, 0.1)))
    held = np.array([True, False, False, False])
    for work in (
        SimpleNamespace(held=held, constraints=Constraints()),
        SimpleNamespace(held=~held & held, constraints=Constraints(together=((0, 2),))),
    ):
        labels, outcomes = stand_alone(work, np.array([0, 1, 0, 3]), {0: doubt})  # type: ignore[arg-type]
        assert labels.tolist() == [0, 1, 0, 3]
        assert outcomes[0] == doubt
