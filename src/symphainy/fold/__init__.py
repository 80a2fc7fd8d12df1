"""`apply`: what each entry does to the session.

The front end's `replica.ts` is its twin; `spec/vectors` and random logs hold both to the same result. apply is pure and
total: the same log folds to the same session everywhere, and an entry that refers to something the snapshot no longer
holds (an old message, an evicted workflow) changes nothing but `seq`.
"""

from symphainy.fold.apply import apply, fold, fold_alone
from symphainy.fold.values import merge_patch

__all__ = ["apply", "fold", "fold_alone", "merge_patch"]
