"""Proves that nothing here is made up: plants the fakes that systems of this kind have been seen with, one after the other
in a copy of the package, and shows that a test turns red. The numbers are those of the table in `docs/acceptance.md`.

    python scripts/planted_fakes.py              every fake
    python scripts/planted_fakes.py NAME ...     these only
    python scripts/planted_fakes.py --list       their names
    python scripts/planted_fakes.py --places     whether each can still be planted, without running a test

Exits 1 if a fake is not noticed, 2 if one can no longer be planted because the code has changed.
"""

from __future__ import annotations

import sys

from planted_bugs import Bug, main

SECONDS = 60
"""A test has: most of these start the whole application."""

NOTHING_MADE_UP = "tests/agents/test_nothing_is_made_up.py"
AREA = "tests/operations/test_area.py"

COP = "traffic_cop.py"
CHARTS = "enabling_services/insights/visualization_engine.py"

FAKES = (
    Bug(
        "1 what could not be stored is a success",
        COP,
        "        done = await self._store.append("
        "session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence)\n",
        "        try:\n"
        "            done = await self._store.append("
        "session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence)\n"
        "        except SymphainyError:\n"
        "            return Appended(1, 1)\n",
        f"{NOTHING_MADE_UP}::test_1_a_store_that_is_away_is_never_a_success",
    ),
    Bug(
        "1 nothing outlives the process",
        "stores/__init__.py",
        '    if url == "memory://":',
        '    if url == "memory://" or url.startswith("sqlite"):',
        f"{NOTHING_MADE_UP}::test_1_persistence_is_there_and_its_failure_is_raised",
    ),
    Bug(
        "2 any id is an active session",
        COP,
        "        except SessionNotFound:\n            self._folds.pop(session_id, None)\n            raise\n",
        "        except SessionNotFound:\n            current = _Fold(Session(session_id))\n",
        f"{NOTHING_MADE_UP}::test_2_an_unknown_session_is_not_active_and_cannot_be_deleted",
    ),
    Bug(
        "3 always sure at 0.8",
        "agents/understanding/router.py",
        "            min(top, 1.0),\n",
        "            0.8,\n",
        f"{NOTHING_MADE_UP}::test_3_confidence_is_no_constant",
    ),
    Bug(
        "3 whatever is not understood is answered all the same",
        "agents/manners.py",
        '        return Answer(f"I did not understand that. I {self._job}.',
        '        return Answer(f"Happy to help with that. I {self._job}.',
        f"{NOTHING_MADE_UP}::test_3_the_guide_does_not_answer_what_it_does_not_understand",
    ),
    Bug(
        "4 one answer for every file",
        "domains/content/statements.py",
        '        text = f"{name} has {lines[0] if lines else _document_extent(results)}."',
        '        text = f"{name} has 1,000 rows and 10 columns."',
        f"{NOTHING_MADE_UP}::test_4_the_content_liaison_answers_from_the_file_that_is_asked_about",
    ),
    Bug(
        "5 the SOP is created in simulation mode",
        "domains/operations/wizard_chat.py",
        "return await self._saved(turn, state, answer) if state.stage is Stage.COMPLETE else answer",
        'return Answer("The SOP was created successfully.") if state.stage is Stage.COMPLETE else answer',
        f"{AREA}::test_the_wizard_in_the_chat_makes_a_real_sop",
    ),
    Bug(
        "6 what is said is echoed",
        "domains/business_outcomes/liaison.py",
        'return self._manners.answer(heard) or Answer("")',
        'return Answer(f"I received your message: {turn.message.content}")',
        "tests/outcomes/test_liaison.py::test_every_answer_has_words_of_its_own_and_nothing_is_echoed",
    ),
    Bug(
        "7 a mean of 42.5 for every column",
        "domains/insights/statements.py",
        '    rows: list[list[JsonValue]] = result["rows"]\n',
        '    rows = [[42.5 if isinstance(value, float) else value for value in row] for row in result["rows"]]\n',
        f"{NOTHING_MADE_UP}::test_7_8_numbers_of_insights_are_those_of_the_data",
    ),
    Bug(
        "7 findings that no row stands behind",
        "enabling_services/insights/writing.py",
        "{name: _plain(value) for name, value in zip(names, bench.db.one(sql), strict=True)}",
        "{name: 42.5 for name in names}",
        "tests/insights/test_findings.py::test_every_number_is_what_its_sql_gives",
    ),
    Bug(
        "8 a growth of 15.37 % that nobody computed",
        "domains/insights/statements.py",
        '        evidence = {**evidence_of(document, document.get("findings", [])[:3]), "artifact_id": artifact_id}\n',
        '        text += " Revenue grew by 15.37 %."\n'
        '        evidence = {**evidence_of(document, document.get("findings", [])[:3]), "artifact_id": artifact_id}\n',
        "tests/insights/test_liaison.py::test_no_number_of_a_reply_is_underivable",
    ),
    Bug(
        "9 what has no correlation has one of 0",
        "enabling_services/insights/relating.py",
        'f"corr({one.sql}, {other.sql})"',
        "f\"coalesce(nullif(corr({one.sql}, {other.sql}), 'nan'), 0.0)\"",
        f"{NOTHING_MADE_UP}::test_9_a_correlation_that_does_not_exist_is_not_zero",
    ),
    Bug(
        "10 a value that is missing is drawn as 0",
        CHARTS,
        "return None if value is None else float(value)",
        "return 0.0 if value is None else float(value)",
        f"{NOTHING_MADE_UP}::test_10_what_has_no_value_is_not_drawn",
    ),
    Bug(
        "10 where there is no number, the row's own is drawn",
        CHARTS,
        "        if not numbers:\n",
        "        if not numbers:\n"
        '            described.append(_Column("row", len(columns), "number"))\n'
        "            numbers, rows = described[-1:], [[*row, at] for at, row in enumerate(rows)]\n"
        "        if not numbers:\n",
        f"{NOTHING_MADE_UP}::test_10_what_has_no_value_is_not_drawn",
    ),
    Bug(
        "11 a drill-down gives the analysis from before",
        "enabling_services/insights/data_insights_query.py",
        "        sql = sql_of(understood, index)\n",
        '        sql = self.__dict__.setdefault("_kept", {}).setdefault(table, sql_of(understood, index))\n',
        f"{NOTHING_MADE_UP}::test_11_a_drill_down_gives_the_rows_asked_for_and_not_an_older_answer",
    ),
    Bug(
        "12 tables and pages are matched in turn",
        "enabling_services/documents/document_parsing.py",
        "tables.append(replace(written, page=found.page))",
        "tables.append(replace(written, page=None if found.page is None else number % 2 + 1))",
        "tests/enabling/test_documents.py::test_tables_in_a_pdf_are_typed_and_know_their_page",
    ),
    Bug(
        "12 tables at the end of the text",
        "enabling_services/documents/document_parsing.py",
        '    text = converted.text.replace("\\0", "")\n',
        '    lines = converted.text.replace("\\0", "").splitlines()\n'
        '    text = "\\n".join(sorted(lines, key=lambda line: line.startswith("|")))\n',
        f"{NOTHING_MADE_UP}::test_12_what_stands_in_a_document_keeps_its_own_place",
    ),
    Bug(
        "13 SOP and workflow are always well aligned",
        "enabling_services/operations/coexistence.py",
        "    ranked = sorted(gaps, key=",
        "    gaps, credit, total = [], 1.0, 1\n    ranked = sorted(gaps, key=",
        f"{AREA}::test_a_change_of_the_sop_changes_the_score",
    ),
    Bug(
        "14 ten an hour, in two and a half hours",
        "domains/operations/statements.py",
        "                f\"aligned pairs: {counts['aligned']}, mismatches in them: {counts['mismatches']}\",\n",
        "                f\"aligned pairs: {counts['aligned']}, mismatches in them: {counts['mismatches']}\",\n"
        '                "throughput: 10.5 an hour, execution time: 2.5 hours",\n',
        f"{AREA}::test_no_number_in_an_answer_is_invented",
    ),
    Bug(
        "15 a correction is noted and not made",
        "enabling_services/operations/wizard.py",
        "    changed = replace(state, sop=made.sop, past=_remembered(state))\n",
        "    changed = replace(state, past=_remembered(state))\n",
        "tests/operations/test_wizard.py::test_a_correction_is_applied_and_can_be_undone",
    ),
    Bug(
        "16 one phase after the other, whatever depends on what",
        "enabling_services/outcomes/scheduling.py",
        "slots.append(Slot(task.name, now, now + task.days, levels[task.name], name, why))",
        "slots.append(Slot(task.name, now, now + task.days, len(slots), name, why))",
        "tests/outcomes/test_roadmap.py",
    ),
    Bug(
        "17 the IRR that a root of the last flow gives",
        "enabling_services/outcomes/financials.py",
        "    value = pyxirr.irr(flows, silent=True)\n",
        "    value = (flows[-1] / -flows[0]) ** (1 / (len(flows) - 1)) - 1\n",
        "tests/outcomes/test_proposal.py::test_the_reference_case_that_always_lost_money_has_the_true_irr",
    ),
    Bug(
        "17 a benefit of 30 % of the cost",
        "enabling_services/outcomes/poc_generation.py",
        "                answered.yearly_benefit,\n",
        "                0.3 * effort * answered.cost_per_day,\n",
        "tests/outcomes/test_liaison.py::test_roi_comes_with_its_formula_and_inputs",
    ),
    Bug(
        "18 the limit is open to all",
        "rates/local.py",
        "            raise too_often(per_minute, full_at - now - MINUTE)\n",
        "            return\n",
        f"{NOTHING_MADE_UP}::test_18_limits_close_and_patches_reach_everybody",
    ),
    Bug(
        "18 the log is read back as nothing",
        "api/live.py",
        "    batch = await app.traffic_cop.read("
        "session.session_id, after=after, before=session.seq + 1, limit=limit)\n",
        "    batch: list[Any] = []\n",
        "tests/api/test_live.py::test_the_log_can_be_read_page_by_page",
    ),
    Bug(
        "18 the guard lets everybody in",
        "api/auth.py",
        "    if session.user_id != credential.user_id:\n",
        "    if False:\n",
        "tests/api/test_authorisation.py::test_i7_no_operation_opens_a_session_without_its_credential",
    ),
    Bug(
        "19 work that failed is done",
        "domains/content/analysis.py",
        "            return (FileStatus.REJECTED if unreadable else FileStatus.UPLOADED), None, reason\n",
        "            return FileStatus.PARSED, None, None\n",
        f"{NOTHING_MADE_UP}::test_19_work_that_failed_sets_nothing_done",
    ),
    Bug(
        "20 key insights that stand in the code",
        "enabling_services/insights/document_insights.py",
        '        "key_phrases": _phrases(sentences),\n',
        '        "key_phrases": [{"phrase": "operational efficiency", "count": 4, **_place(sentences[0])}],\n',
        f"{NOTHING_MADE_UP}::test_20_what_a_text_is_about_is_read_from_the_text",
    ),
    Bug(
        "20 rules that call themselves a language model",
        "agents/model.py",
        'return "rules, no language model" if model is None',
        'return "a large language model" if model is None',
        f"{NOTHING_MADE_UP}::test_20_without_a_language_model_nothing_pretends_to_be_one",
    ),
)

if __name__ == "__main__":
    sys.exit(main(FAKES, __doc__, SECONDS))
