"""What is wrong with options, in the words of the command line."""

from __future__ import annotations

import pytest

from avwalk.errors import OptionError
from avwalk.request.parse import parse_options
from avwalk.scenes.film.assembly import film_options


def test_all_problems_are_told_at_once_with_hints_whatever_the_command() -> None:
    for options in (parse_options, film_options):
        with pytest.raises(OptionError) as told:
            options({"profile": "yutube", "wrkers": 2, "workers": 0, "title": "x" * 400})
        lines = str(told.value).splitlines()
        assert any(line.startswith("unknown option 'wrkers' (did you mean 'workers'?)") for line in lines)
        assert any(line.startswith("workers 0: must be greater than or equal to 1") for line in lines)
        assert any(line.endswith("(did you mean 'youtube'?)") and line.startswith("profile 'yutube'") for line in lines)
        assert any(line.startswith("title 'xxx") and len(line) < 150 for line in lines)
        assert len(lines) == 4
