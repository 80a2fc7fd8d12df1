"""Procedures and workflow diagrams: read, convert into each other, compare. Data in, data out."""

from symphainy.enabling_services.operations.services import (
    CoexistenceAnalysis,
    SOPBuilder,
    Workflow,
    WorkflowConversion,
)
from symphainy.enabling_services.operations.sop import Sop, Step

__all__ = ["CoexistenceAnalysis", "SOPBuilder", "Sop", "Step", "Workflow", "WorkflowConversion"]
