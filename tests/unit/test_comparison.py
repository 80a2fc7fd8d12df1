"""What differs between two versions, as a reader would say it."""

import pytest

from symphainy.comparison import MOST_CHANGES, compare_documents, compare_lines


def told(old: object, new: object) -> list[tuple[str, str, object, object]]:
    return [(item.kind, item.path, item.old, item.new) for item in compare_documents(old, new)]


def step(number: int, action: str, role: str = "Clerk") -> dict[str, object]:
    return {"no": number, "role": role, "action": action, "systems": []}


STEPS = [step(1, "Receive the invoice"), step(2, "Check the amount"), step(3, "Pay it")]


def test_equal_documents_have_no_changes() -> None:
    assert told({"a": [1, {"b": None}], "c": 1}, {"c": 1.0, "a": [1, {"b": None}]}) == []


def test_fields_that_came_went_and_changed() -> None:
    assert told({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 2.5}, "e/~": [1]}) == [
        ("changed", "/b/c", 2, 2.5),
        ("removed", "/b/d", 3, None),
        ("added", "/e~1~0", None, [1]),
        ("removed", "/a", 1, None),
    ]


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), (None, 0), ("", None), ([], {}), ("1", 1)])
def test_values_of_another_type_are_a_change(old: object, new: object) -> None:
    assert told({"a": old}, {"a": new}) == [("changed", "/a", old, new)]


def test_an_inserted_step_is_one_addition_although_the_later_ones_have_new_numbers() -> None:
    inserted = step(2, "Ask the buyer", "Buyer")
    new = [STEPS[0], inserted, step(3, "Check the amount"), step(4, "Pay it")]
    (change,) = compare_documents({"steps": STEPS}, {"steps": new})
    assert (change.kind, change.path, change.new) == ("added", "/steps/1", inserted)
    assert change.where == ("steps", "2. Ask the buyer")


def test_a_removed_step_is_one_removal() -> None:
    new = [step(1, "Receive the invoice"), step(2, "Pay it")]
    assert told({"steps": STEPS}, {"steps": new}) == [("removed", "/steps/1", STEPS[1], None)]


def test_a_reworded_step_beside_an_inserted_one_is_a_change_and_an_addition() -> None:
    inserted = step(2, "Ask the buyer whether the goods arrived", "Buyer")
    new = [STEPS[0], inserted, step(3, "Check the amount and the date"), step(4, "Pay it")]
    assert told({"steps": STEPS}, {"steps": new}) == [
        ("added", "/steps/1", None, inserted),
        ("changed", "/steps/2/action", "Check the amount", "Check the amount and the date"),
    ]


def test_items_with_an_id_are_matched_by_it_wherever_they_are() -> None:
    old = [{"gap_id": "g1", "severity": "low"}, {"gap_id": "g2", "severity": "low"}]
    new = [{"gap_id": "g3", "severity": "low"}, {"gap_id": "g2", "severity": "high"}]
    assert told(old, new) == [
        ("added", "/0", None, new[0]),
        ("changed", "/1/severity", "low", "high"),
        ("removed", "/0", old[0], None),
    ]


def test_an_id_that_does_not_tell_items_apart_is_not_used() -> None:
    old = [{"file_id": "f", "name": "a", "n": 1}, {"file_id": "f", "name": "b", "n": 2}]
    new = [{"file_id": "f", "name": "b", "n": 3}, {"file_id": "f", "name": "a", "n": 1}]
    assert told(old, new) == [("changed", "/0/n", 2, 3)]


def test_lists_of_plain_values_are_compared_in_order() -> None:
    assert told(["one", "two", "three"], ["zero", "one", "three"]) == [
        ("added", "/0", None, "zero"),
        ("removed", "/1", "two", None),
    ]


def test_a_very_long_list_of_changes_is_cut() -> None:
    old, new = ({str(n): n + shift for n in range(MOST_CHANGES + 10)} for shift in (0, 1))
    assert len(compare_documents(old, new)) == MOST_CHANGES


def test_lines_are_compared_with_those_around_them() -> None:
    old = "".join(f"line {n}\n" for n in range(1, 21))
    new = old.replace("line 10\n", "line ten\nand a half\n")
    (hunk,) = compare_lines(old, new)
    assert (hunk.old_start, hunk.new_start) == (7, 7)
    assert [(line.kind, line.text) for line in hunk.lines] == [
        *(("same", f"line {n}") for n in (7, 8, 9)),
        ("removed", "line 10"),
        ("added", "line ten"),
        ("added", "and a half"),
        *(("same", f"line {n}") for n in (11, 12, 13)),
    ]
    assert compare_lines(old, old) == ()
