"""Procedures as people write them."""

from __future__ import annotations

from symphainy.enabling_services.operations.blocks import blocks_of_text
from symphainy.enabling_services.operations.sop import Sop
from symphainy.enabling_services.operations.sop_reading import read_blocks

REFUND = """# Refund of a purchase

## Purpose
Refunds are paid quickly and correctly.

## Scope
All purchases in the online shop.

## Roles
- Service agent: first contact
- Team lead
- Accountant: pays

## Procedure
1. The service agent receives the refund request in the CRM system.
2. The service agent checks whether the receipt is attached. If not, the service agent asks the customer for the receipt.
3. If the amount exceeds 500 EUR, the team lead approves the refund; otherwise the service agent approves it.
4. If the refund is rejected, the service agent informs the customer and the process ends.
5. The accountant pays the refund in SAP. This takes two days.
6. If the payment fails, go back to step 5.

## References
Policy 12.
"""


def read(text: str) -> Sop:
    return read_blocks(blocks_of_text(text), "a file")


def refund() -> Sop:
    return read(REFUND)
