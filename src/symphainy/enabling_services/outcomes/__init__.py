"""Business outcomes: key figures, a roadmap and a proposal, from what the other areas found and what the user answered."""

from symphainy.enabling_services.outcomes.evidence import Evidence
from symphainy.enabling_services.outcomes.metrics import MetricsCalculator
from symphainy.enabling_services.outcomes.poc_generation import POCGeneration
from symphainy.enabling_services.outcomes.roadmap_generation import RoadmapGeneration

__all__ = ["Evidence", "MetricsCalculator", "POCGeneration", "RoadmapGeneration"]
