"""Tables that avwalk and an artist both write."""

from __future__ import annotations

from avwalk.files.csv_table import read_table
from avwalk.files.marked_table import MARK, comment, end_with_newline, with_marks_listed, written_marks

TABLE = read_table(b"# a remark\na,note\n1,auto:01234567\n2,mine")


def test_marks_are_found_in_notes_and_lists() -> None:
    found = MARK.search("see auto:01234567, please")
    assert found is not None and found[1] == "01234567" and MARK.search("auto:0123456") is None
    listed = read_table(b'# avwalk wrote: 01234567 89abcdef\r\n"# avwalk wrote: 89abcdef 00000000",,\na\n')
    assert written_marks(listed) == ["01234567", "89abcdef", "00000000"]
    assert written_marks(TABLE) == []


def test_the_list_stands_above_the_header_once() -> None:
    records = with_marks_listed(list(TABLE.records), ["01234567"], TABLE)
    assert [record.raw for record in records][:3] == ["# a remark\n", "# avwalk wrote: 01234567\n", "a,note\n"]
    assert with_marks_listed(list(records), ["01234567"], TABLE) == records
    again = with_marks_listed([*records, comment("# avwalk wrote: 01234567")], ["89abcdef"], TABLE)
    assert [record.raw for record in again if "wrote" in record.raw] == ["# avwalk wrote: 89abcdef\n"]


def test_a_row_can_follow_the_last_one() -> None:
    records = list(TABLE.records)
    end_with_newline(records, -1, TABLE)
    assert records == list(TABLE.records)
    end_with_newline(records, len(records) - 1, TABLE)
    assert records[-1].raw == "2,mine\n" and records[-1].cells == TABLE.records[-1].cells
