"""The stored records of the benchmarks and the table made of them."""

import pytest

from derive.report.measurements import record
from derive.report.tables import table
from derive.report.tables_measured import RECORDS


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_names_its_machine_and_has_rows_with_times(name):
    made = record(name)
    assert made["machine"]
    assert made["rows"]
    for row in made["rows"]:
        assert row["seconds"] > 0
        assert all(other["seconds"] > 0 and other["name"] for other in row["others"])


def test_every_job_stands_in_the_table_once_with_all_other_ways():
    rows = table("timings").rows
    jobs = [row["job"] for name in RECORDS for row in record(name)["rows"]]
    assert [row[0] for row in rows if row[0]] == jobs
    others = [other["name"] for name in RECORDS for row in record(name)["rows"] for other in row["others"]]
    assert [row[3] for row in rows if row[3]] == others


def test_ratios_are_those_of_the_record():
    row = next(r for r in record("expectations")["rows"] if r["others"])
    shown = next(r for r in table("timings").rows if r[0] == row["job"])
    assert float(shown[4]) == pytest.approx(row["others"][0]["seconds"] / row["seconds"], rel=1e-2)
