"""Whatever breaks in between: nothing twice, nothing lost, nothing told that is not so."""

from tests.interleaving.schedule import Schedule


def test_every_schedule_ends_well(seeds, people):
    for seed in seeds:
        schedule = Schedule(seed, people)
        wrong = schedule.run()
        assert not wrong, schedule.story(wrong)
