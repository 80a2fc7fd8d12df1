import symphainy

AT_MOST = 20


def test_the_public_names_are_sorted_and_few() -> None:
    names = list(getattr(symphainy, "__all__", []))
    assert names == sorted(names)
    assert len(names) == len(set(names)) <= AT_MOST


def test_every_public_name_can_be_imported() -> None:
    missing = [name for name in getattr(symphainy, "__all__", []) if not hasattr(symphainy, name)]
    assert missing == []
