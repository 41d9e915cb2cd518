"""Bugs in the call, and in what its answer is taken for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from clearing.deciding import Answer, Done, Refused
from clearing.light.errors import LightError
from clearing.services.sending import calling
from clearing.workflow import STEPS
from tests.simulation.bugs.planting import bug, working_by
from tests.simulation.house import Attempt, Event
from tests.simulation.run import Run
from tests.simulation.worker import Worker


def _answers(run: Run, result: str, when: Callable[[LightError], bool]) -> None:
    def answer_of(error: LightError) -> Answer:
        answer = calling.answer_of(error)
        unclear = answer.result == "unclear" and when(error)
        return replace(answer, result=result) if unclear else answer

    run.net.answer_of = answer_of


@bug
def server_error_is_a_no(run: Run) -> None:
    _answers(run, "refused", lambda error: (error.status or 0) >= 500)


@bug
def no_answer_is_a_no(run: Run) -> None:
    _answers(run, "refused", lambda error: error.status is None)


@bug
def conflict_is_a_no(run: Run) -> None:
    _answers(run, "refused", lambda error: error.status == 409)


@bug
def no_answer_is_not_sent(run: Run) -> None:
    _answers(run, "not_sent", lambda error: error.status is None)


@bug
def conflict_is_sent_again(run: Run) -> None:
    _answers(run, "not_sent", lambda error: error.status == 409)


@bug
def repeats_without_reading(run: Run) -> None:
    real = run.net.write

    def write(attempt: Attempt, content: Any, send_by: float) -> Any:
        answer = yield from real(attempt, content, send_by)
        if answer.result == "unclear":
            answer = yield from real(attempt, content, send_by)
        return answer

    run.net.write = write


@bug
def follows_redirects_of_writes(run: Run) -> None:
    run.net.follows_writes = True


@bug
def any_yes_is_done(run: Run) -> None:
    real = run.core.after_answer

    def after_answer(content: Any, before: Any, answer: Answer) -> Any:
        return Done() if answer.result == "yes" else real(content, before, answer)

    run.core.after_answer = after_answer


@bug
def late_worker_overwrites(run: Run) -> None:
    def move(self: Worker, attempt: Attempt, answer: str, step: str, **columns: Any) -> None:
        line, wanted = attempt.line, STEPS[step].after
        if attempt.is_open:
            return Worker._move(self, attempt, answer, step, **columns)
        was, line.state = line.state, wanted
        self.house.record(Event(line.pk, "", was, wanted))
        return self.run.judge.stepped(line, was, step)

    working_by(run, _move=move)


@bug
def only_the_amount_is_compared(run: Run) -> None:
    real = run.core.after_answer

    def after_answer(content: Any, before: Any, answer: Answer) -> Any:
        same = answer.result == "yes" and answer.body.amount == content.amount
        return Done() if same and content.kind == "link" else real(content, before, answer)

    run.core.after_answer = after_answer


@bug
def gone_already_is_a_no(run: Run) -> None:
    real = run.core.after_answer

    def after_answer(content: Any, before: Any, answer: Answer) -> Any:
        if answer.result == "refused":
            return Refused(answer.words)
        return real(content, before, answer)

    run.core.after_answer = after_answer
