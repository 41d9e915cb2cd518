"""The core against every Light and every fault that the simulator can think of."""

from tests.simulation.many import Figures, many
from tests.simulation.run import play, story_of
from tests.simulation.switches import Switches, combinations


def test_no_schedule_breaks_an_invariant(schedules: int) -> None:
    figures = many(0, schedules)
    print(figures)
    if figures.violations:
        seed, violation = next(iter(figures.violations.items()))
        replay = f"python -m tests.simulation --seed {seed}"
        raise AssertionError(f"{figures}\n{violation}\nReplay: {replay}\n{story_of(seed)}")
    _was_worth_it(figures)


def _was_worth_it(figures: Figures) -> None:
    """Much happened: calls, faults, and lines that ended in every way."""
    assert figures.calls > figures.schedules / 2
    assert figures.faults > figures.schedules
    ways = {"done", "refused", "not_applied", "needs_person", "fallen", "rejected", "taken_back"}
    assert ways <= {str(state) for state in figures.ended}


def test_every_combination_of_the_open_questions_is_met() -> None:
    met = {Switches.of(number) for number in range(combinations())}
    assert len(met) == combinations() * 3 / 4  # one side of `listed_on` is drawn twice as often
    assert combinations() < 10_000


def test_a_seed_tells_the_same_story_twice() -> None:
    assert story_of(17) == story_of(17)
    assert play(17) == play(17)
    assert story_of(17) != story_of(18)
