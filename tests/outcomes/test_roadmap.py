"""A roadmap follows from findings, gaps and answers; phases are never a template (the 16th of the fakes)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symphainy.enabling_services import ServiceError
from symphainy.enabling_services.outcomes.evidence import DataFile, Evidence, FindingType, Level
from symphainy.enabling_services.outcomes.pictures import timeline
from symphainy.enabling_services.outcomes.roadmap import Roadmap
from symphainy.enabling_services.outcomes.scheduling import Task, schedule, working_day, working_days_between

from .facts import BLUEPRINT, CLAIMS, INSIGHTS, deadline, derived, evidence, finding, planned


def test_each_initiative_comes_from_a_finding_a_gap_or_a_problem_and_names_it() -> None:
    initiatives = derived().initiatives
    assert [
        (item.no, item.kind.value, [source.item or source.id for source in item.sources]) for item in initiatives
    ] == [
        ("I1", "repair", ["file_claims"]),
        ("I2", "investigate", ["f1"]),
        ("I3", "act", ["f2"]),
        ("I4", "decide", ["g1"]),
        ("I5", "align", ["g2"]),
        ("I6", "introduce", ["art_blueprint"]),
    ]
    assert initiatives[1].title == "Find the cause of: Finding 1"
    assert initiatives[2].recommendations == ("Call late payers first.",)


def test_findings_of_one_kind_about_one_table_are_one_initiative() -> None:
    given = evidence(findings=tuple(finding(number, FindingType.ANOMALY) for number in (1, 2, 3)), blueprints=())
    assert [item.title for item in derived(given).initiatives] == [
        "Repair the data of claims.csv",
        "Find the causes of 3 anomalies in claims.csv",
    ]


def test_with_nothing_found_there_is_no_roadmap_but_a_reason_and_what_to_do() -> None:
    with pytest.raises(ServiceError, match="Analyse a file in Insights, or compare") as caught:
        derived(Evidence(files=(DataFile(CLAIMS, "parsed", None, 10, 2, 0, 3, 1, ("Ragged.",)),)))
    assert caught.value.service_code == "nothing_to_build_on"


def test_what_comes_after_what_has_its_reason() -> None:
    after = {
        item.no: {dependency.after: dependency.reason for dependency in item.after} for item in derived().initiatives
    }
    assert after == {
        "I1": {},
        "I2": {"I1": "its numbers are computed from the rows that are repaired"},
        "I3": {
            "I1": "its numbers are computed from the rows that are repaired",
            "I2": "the causes in the same table are known by then",
        },
        "I4": {},
        "I5": {"I4": "which description is right is decided by then"},
        "I6": {
            "I4": "which description is right is decided by then",
            "I5": "procedure and workflow describe the same process by then",
        },
    }


def test_dates_by_hand() -> None:
    """Two places; 10 person-days by two people are 5 working days: two chains of three, three weeks side by side."""
    roadmap = planned()
    assert (roadmap.start, roadmap.finish, roadmap.working_days, roadmap.effort) == ("2026-12-07", "2026-12-25", 15, 60)
    assert [(item.no, item.start, item.finish) for item in roadmap.initiatives] == [
        ("I1", "2026-12-07", "2026-12-11"),
        ("I4", "2026-12-07", "2026-12-11"),
        ("I2", "2026-12-14", "2026-12-18"),
        ("I5", "2026-12-14", "2026-12-18"),
        ("I3", "2026-12-21", "2026-12-25"),
        ("I6", "2026-12-21", "2026-12-25"),
    ]
    assert [(phase.no, phase.title, phase.initiatives) for phase in roadmap.phases] == [
        (1, "Repair data and decide differences", ("I1", "I4")),
        (2, "Find causes and align procedure and workflow", ("I2", "I5")),
        (3, "Act on findings and introduce the future process", ("I3", "I6")),
    ]
    assert roadmap.critical_path == ("I1", "I2", "I3")
    assert [item.title for item in roadmap.milestones][0] == "Repair the data of claims.csv: done, I2 and I3 can begin"


def test_one_place_makes_one_queue_and_says_so() -> None:
    roadmap = planned(size=3)
    assert roadmap.working_days == 30
    assert all(earlier.finish < later.start for earlier, later in pairwise(roadmap.initiatives))
    assert "the people are free then" in {item.waited_because for item in roadmap.initiatives}
    assert any(risk.statement.startswith("One group of people does everything") for risk in roadmap.risks)


def test_without_dependencies_there_is_one_phase() -> None:
    only_one = evidence(findings=(finding(1, FindingType.TREND),), blueprints=(), files=())
    assert [phase.no for phase in planned(only_one).phases] == [1]


def test_the_critical_path_is_the_longest_chain_when_there_are_people_enough() -> None:
    roadmap = planned(efforts={"I4": 40.0}, size=20)
    assert roadmap.critical_path == ("I4", "I5", "I6")
    assert roadmap.working_days == 20 + 5 + 5


def test_answers_change_the_order() -> None:
    assert planned(size=20, changes="I4 after I3; I2 not after I1, I3 not after I1 and I2").working_days == 20
    with pytest.raises(ServiceError, match="I did not understand “first things first”"):
        planned(changes="first things first")
    with pytest.raises(ServiceError, match="There is no initiative I9"):
        planned(changes="I9 after I1")


def test_a_cycle_is_named() -> None:
    with pytest.raises(ServiceError, match="I1 after I3 after I1") as caught:
        planned(changes="I1 after I3")
    assert caught.value.service_code == "dependency_cycle"


def test_an_initiative_without_effort_is_left_out_and_named() -> None:
    roadmap = planned(efforts={"I1": 0})
    assert roadmap.not_planned == ("I1 Repair the data of claims.csv (0 person-days were given)",)
    assert [dependency.after for item in roadmap.initiatives if item.no == "I2" for dependency in item.after] == []
    with pytest.raises(ServiceError, match="Every initiative was left out"):
        planned(efforts={f"I{number}": 0 for number in range(1, 7)})


def test_a_team_smaller_than_a_group_cannot_be_planned_with() -> None:
    with pytest.raises(ServiceError, match="3 people are to work on one initiative, but the team has 2"):
        planned(size=2, each=3)


def test_risks_are_read_off_the_evidence_and_name_it() -> None:
    given = evidence(
        findings=(finding(1, FindingType.ANOMALY, rows=12),),
        context=(deadline("live before 10 December", "2026-12-10"),),
    )
    risks = {
        (risk.severity.value, risk.source.name if risk.source else None, risk.treated_by)
        for risk in planned(given).risks
    }
    assert risks == {
        ("medium", "claims.csv", "I1"),
        ("medium", INSIGHTS.name, "I2"),
        ("high", BLUEPRINT.name, "I3"),
        ("high", None, None),
    }
    assert "40 rows of claims.csv (0.8 %) could not be read" in " ".join(
        risk.statement for risk in planned(given).risks
    )


def test_many_rejected_rows_are_a_grave_risk_and_unexamined_areas_are_one() -> None:
    given = evidence(files=(DataFile(CLAIMS, "parsed", None, 90, 2, 0, 10),), blueprints=())
    first, *rest = planned(given).risks
    assert (first.severity, first.statement.split(",")[0]) == (
        Level.HIGH,
        "10 rows of claims.csv (10.0 %) could not be read",
    )
    assert any("were not compared" in risk.statement for risk in rest)


def test_a_deadline_is_met_or_missed_by_working_days() -> None:
    missed = planned(evidence(context=(deadline("before Christmas", "2026-12-23"),)))
    assert [(item.title, item.met) for item in missed.milestones if item.kind == "deadline"] == [
        ("“before Christmas”: 2 working days too late", False)
    ]
    met = planned(evidence(context=(deadline("before June", "2027-01-01"),)))
    assert [item.title for item in met.milestones if item.kind == "deadline"] == [
        "“before June”: 5 working days to spare"
    ]


def test_a_roadmap_is_read_back_as_it_was() -> None:
    assert Roadmap.from_json(planned().to_json()) == planned()
    assert Evidence.from_json(evidence().to_json()) == evidence()


def test_the_picture_shows_every_initiative_and_escapes_names() -> None:
    picture = timeline(planned(evidence(findings=(finding(1, FindingType.TREND, title="<b>&"),))))
    assert "Act on the trend: &lt;b&gt;&amp;" in picture
    assert picture.count("rx=") == 5


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_working_days_skip_weekends_and_count_back(start: date, number: int) -> None:
    first = working_day(start, 0)
    reached = working_day(start, number)
    assert reached.weekday() < 5
    assert working_days_between(first, reached) == number


@st.composite
def plans(draw: st.DrawFn) -> list[Task]:
    count = draw(st.integers(1, 8))
    return [
        Task(f"I{n}", draw(st.integers(1, 9)), {f"I{m}": "" for m in draw(st.sets(st.integers(0, n - 1)))} if n else {})
        for n in range(count)
    ]


@settings(max_examples=150, deadline=None)
@given(plans(), st.integers(1, 4))
def test_no_schedule_breaks_a_dependency_or_the_capacity_and_none_idles(tasks: list[Task], places: int) -> None:
    slots = {slot.name: slot for slot in schedule(tasks, places)}
    assert set(slots) == {task.name for task in tasks}
    assert all(slots[before].ends <= slots[task.name].begins for task in tasks for before in task.after)
    for moment in range(max(slot.ends for slot in slots.values())):
        busy = [slot for slot in slots.values() if slot.begins <= moment < slot.ends]
        assert 1 <= len(busy) <= places
    critical = [slot for slot in slots.values() if slot.critical]
    assert sum(slot.ends - slot.begins for slot in critical) == max(slot.ends for slot in slots.values())
