from tests.agents.conftest import Desk, desk

__all__ = ["Desk", "desk"]
