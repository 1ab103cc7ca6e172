from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.errors import OptionError
from avwalk.models.imagenet import index_of, name_of, namesakes, search, table


def test_there_are_a_thousand_in_order() -> None:
    rows = table()
    assert [one.index for one in rows] == list(range(1000)) and len({one.wnid for one in rows}) == 1000
    assert all(one.name and one.kinds for one in rows)
    # the order of ILSVRC 2012 is that of the synsets' offsets
    assert [one.wnid for one in rows] == sorted(one.wnid for one in rows)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("mushroom", 947), ("Mushroom ", 947), ("947", 947), ("0", 0), ("tench", 0), ("999", 999),
        ("bubble", 971), ("soap bubble", 971), ("soap_bubble", 971), ("teapot", 849), ("strawberry", 949),
        ("golden retriever", 207), ("goldfish", 1), ("alp", 970), ("tabby cat", 281), ("jack-o-lantern", 607),
        ("St. Bernard", 247),
        ("cardigan", 474), ("Cardigan", 264), ("saint bernard", 247), ("toilet tissue", 999),
        ("volcano", 980), ("daisy", 985),
    ],
)  # fmt: skip
def test_knserver_message(text: str, index: int) -> None:
    assert index_of(text) == index


def test_every_class_is_reached_by_its_index_and_by_its_name_unless_another_has_it() -> None:
    for one in table():
        assert index_of(str(one.index)) == one.index
        assert one.index in namesakes(one.name)
    shared = {one.name for one in table() if index_of(one.name) != one.index}
    assert shared == {"crane", "maillot"}


@pytest.mark.parametrize(("text", "indices"), [("crane", (134, 517)), ("maillot", (638, 639)), ("missile", (657, 744))])
def test_a_word_of_two_classes_means_the_first_and_the_search_shows_both(text: str, indices: tuple[int, ...]) -> None:
    assert namesakes(text) == indices and index_of(text) == indices[0]
    assert [index for index, _, _ in search(text)][:2] == list(indices)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mushrom", "did you mean 'mushroom'"),
        ("teapott", "did you mean 'teapot'"),
        ("1000", "0 to 999"),
        ("-1", "not known"),
        ("dog", "--search 'dog'"),
        ("", "not known"),
        ("²", "not known"),
    ],
)
def test_what_is_no_class_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(OptionError, match=says) as error:
        index_of(text)
    assert "\n" not in str(error.value)


def test_search_finds_kinds() -> None:
    birds = [name for _, name, _ in search("bird")]
    assert {"robin", "ostrich", "goldfinch", "king penguin", "crane"} <= set(birds) and len(birds) < 70
    assert (207, "golden retriever", ()) in search("dog")
    assert search("no such word") == [] and len(search("")) == 1000


def test_names() -> None:
    assert name_of(947) == "mushroom"
    for index in (-1, 1000):
        with pytest.raises(OptionError, match="0 to 999"):
            name_of(index)


def test_the_order_is_that_of_the_package() -> None:
    pytest.importorskip("pytorch_pretrained_biggan")
    from pytorch_pretrained_biggan.utils import IMAGENET

    assert {f"n{offset:08d}": index for offset, index in IMAGENET.items()} == {o.wnid: o.index for o in table()}


def test_the_table_is_what_its_script_makes_of_wordnet() -> None:
    pytest.importorskip("pytorch_pretrained_biggan")
    from tests.models.make_classes import SHIPPED, WORDNET, as_csv

    if not Path(WORDNET).exists():
        pytest.skip("WordNet 3.0 is not installed (wordnet-base)")
    assert as_csv(WORDNET.read_bytes()) == SHIPPED.read_text(encoding="utf-8")
