"""The child's side of the insights generator: sample, ranks, tests, and the findings that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.candidates import FALSE_DISCOVERY_RATE, Candidate, Tests, Workbench, mean_rank
from symphainy.enabling_services.insights.concentration_findings import concentration_candidates
from symphainy.enabling_services.insights.correlation_findings import correlation_candidates, scan_pairs
from symphainy.enabling_services.insights.group_findings import group_candidates
from symphainy.enabling_services.insights.group_scan import TAILS, scan_groups, wholes
from symphainy.enabling_services.insights.roles import Roles, roles_of
from symphainy.enabling_services.insights.shape_findings import describe_measures, outlier_candidates
from symphainy.enabling_services.insights.statistics import benjamini_hochberg
from symphainy.enabling_services.insights.trend_findings import scan_courses, trend_candidates
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.reporting import Stage

_SAMPLE_ROWS: Final = 50_000
_MOST_FINDINGS: Final = 24
_MOST_OF_A_KIND: Final = 8
_FEWEST_ROWS: Final = 30


def generate_insights(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    path, table = Path(arguments["path"]), str(arguments["table"])
    with Database(work_dir, [path], limits) as db:
        relation = f"read_parquet({literal(str(path.resolve()))})"
        db.rows(f"CREATE VIEW {identifier(table)} AS SELECT * FROM {relation}")
        relation = identifier(table)
        rows = int(db.one(f"SELECT count(*) FROM {relation}")[0])
        if rows < _FEWEST_ROWS:
            raise ServiceError(
                "too_few_rows",
                f"The table has {rows:,} rows; below {_FEWEST_ROWS} no finding can be told from chance. Its rows "
                "can be asked about.",
                {"rows": rows, "needed": _FEWEST_ROWS},
            )
        progress(0.02, f"{rows:,} rows: looking at the columns")
        bench = _bench(db, path, table, relation, rows, progress.part(0.02, 0.3, "ranks"))
        found, tried = _tested(bench, progress.part(0.3, 0.85, "tests"))
        findings = _written(found, progress.part(0.85, 0.95, "findings"))
        progress(0.95, "describing the numbers")
        distributions = describe_measures(bench)
    progress(1.0, f"{len(findings)} findings from {tried:,} tests")
    return {
        "rows": rows,
        "tests": tried,
        "sample_rows": bench.sample_rows,
        "false_discovery_rate": FALSE_DISCOVERY_RATE,
        "skipped_columns": list(bench.roles.skipped),
        "findings": findings,
        "distributions": distributions,
    }


def _bench(db: Database, path: Path, table: str, relation: str, rows: int, progress: Stage) -> Workbench:
    """Every k-th row by a hash of its number, so that the sample is the same each time."""
    source = f"read_parquet({literal(str(path.resolve()))}, file_row_number = true)"
    every = max(1, rows // _SAMPLE_ROWS)
    where = f"WHERE hash(file_row_number) % {every} = 0" if every > 1 else ""
    db.rows(f"CREATE TEMP TABLE rows_of_sample AS SELECT * FROM {source} {where} ORDER BY file_row_number")
    columns = [name for name, _ in db.described(f"SELECT * FROM {relation}")]
    names = ", ".join(identifier(name) for name in columns)
    db.rows(f"CREATE TEMP VIEW sampled AS SELECT {names} FROM rows_of_sample")
    size = int(db.one("SELECT count(*) FROM rows_of_sample")[0])
    roles = roles_of(db, "sampled", size)
    roles = Roles(rows, roles.measures, roles.groupings, roles.times, roles.skipped)
    progress(0.3, f"ranking {len(roles.measures)} measures")
    values = [
        f"file_row_number AS n, {grouping.sql} AS g{i}" if i == 0 else f"{grouping.sql} AS g{i}"
        for i, grouping in enumerate(roles.groupings)
    ]
    values = values or ["file_row_number AS n"]
    values += [f"{identifier(name)}::TIMESTAMP AS t{i}" for i, name in enumerate(roles.times)]
    values += [f"{measure.sql} AS m{j}" for j, measure in enumerate(roles.measures)]
    db.rows(f"CREATE TEMP TABLE plain AS SELECT {', '.join(values)} FROM rows_of_sample")
    ranks = [f"CASE WHEN m{j} IS NOT NULL THEN {mean_rank(f'm{j}')} END AS r{j}" for j in range(len(roles.measures))]
    db.rows(f"CREATE TEMP TABLE sample AS SELECT {', '.join(['*', *ranks])} FROM plain")
    limits = [
        f"quantile_cont(m{j}, {share}) AS {name}_{j}" for j in range(len(roles.measures)) for name, share, _ in TAILS
    ]
    db.rows(f"CREATE TEMP TABLE limits AS SELECT {', '.join(limits) or 'NULL AS nothing'} FROM plain")
    return Workbench(db, relation, table, "sample", roles, size)


def _tested(bench: Workbench, progress: Stage) -> tuple[list[Candidate], int]:
    tests = Tests()
    progress(0.0, "comparing groups")
    scans = scan_groups(bench, tests, wholes(bench))
    progress(0.4, "comparing measures with each other")
    pairs = scan_pairs(bench, tests)
    progress(0.5, "following measures over time")
    courses = scan_courses(bench, tests)
    progress(0.7, "looking for concentration")
    concentrated = concentration_candidates(bench, tests)
    p = tests.p_values
    q = benjamini_hochberg(p)
    progress(0.8, "looking for outliers")
    found = [
        *group_candidates(bench, scans, q, p),
        *correlation_candidates(bench, pairs, q, p),
        *trend_candidates(bench, courses, q, p),
        *concentrated,
        *outlier_candidates(bench),
    ]
    largest = dict(zip(p, q, strict=True))
    for candidate in found:
        candidate.q = largest.get(candidate.p, candidate.q if candidate.q < 1 else candidate.p)
    return found, len(p)


def _written(candidates: Sequence[Candidate], progress: Stage) -> list[Json]:
    """The best ones, at most eight of a kind; the same groups or the same pair of columns only once or twice."""
    findings: list[Json] = []
    kinds: dict[str, int] = {}
    subjects: dict[tuple[str, ...], int] = {}
    ranked = sorted(candidates, key=lambda item: (-item.score, item.kind, item.about))
    for number, candidate in enumerate(ranked):
        if len(findings) >= _MOST_FINDINGS:
            break
        repeated = subjects.get(candidate.about, 0)
        if kinds.get(candidate.kind, 0) >= _MOST_OF_A_KIND or repeated >= (2 if candidate.kind == "anomaly" else 1):
            continue
        progress(number / len(ranked), f"finding {len(findings) + 1}")
        finding = candidate.finding()
        if finding is None:
            continue
        subjects[candidate.about] = repeated + 1
        kinds[candidate.kind] = kinds.get(candidate.kind, 0) + 1
        test = {**candidate.test, "p": _steady(candidate.test["p"]), "q": _steady(candidate.q)}
        findings.append({"finding_id": f"f{len(findings) + 1}", **finding, "score": candidate.score, "test": test})
    return findings


def _steady(probability: float) -> float:
    """Without the last digits: they depend on the order in which the engine's threads add up, and a step that is run again
    after a crash must find the same."""
    return float(f"{probability:.6g}")
