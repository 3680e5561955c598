"""The glossary and the sources: in order, short, and about pages that exist."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from pages._shared.catalog import find_page
from pages._shared.courses import LESSONS
from pages._shared.glossary import GLOSSARY
from pages._shared.glossary_term import Term
from pages._shared.source_entry import Source
from pages._shared.sources import PAPERS

FIELD = {
    *("attention", "query", "key", "value", "token", "score", "logit", "softmax", "weights"),
    *("output", "scale", "temperature", "entropy", "mask", "causal mask", "padding mask"),
    *("head", "layer", "patch", "class token", "rollout", "attention sink", "saliency"),
    *("soft attention", "hard attention", "self-attention", "cross-attention"),
}


def test_terms_are_in_alphabetical_order_and_stand_once() -> None:
    names = [term.name for term in GLOSSARY]
    assert names == sorted(set(names), key=str.casefold)


def test_the_words_of_the_field_are_all_there() -> None:
    assert {term.name for term in GLOSSARY} >= FIELD


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_a_term_is_one_short_sentence_and_lives_on_a_page(term: Term) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]\.", term.meaning)
    assert ". " not in term.meaning
    assert len(term.meaning) <= 110
    assert not term.meaning.casefold().startswith(term.name)
    assert find_page(term.file).file == term.file
    assert term.look
    assert not term.look.endswith(".")


@pytest.mark.parametrize("source", [*PAPERS, *LESSONS], ids=lambda source: source.title)
def test_a_source_says_where_it_is_and_what_it_is_good_for(source: Source) -> None:
    address = urlsplit(source.url)
    assert address.scheme == "https"
    assert address.netloc
    assert not source.good_for.endswith(".")


def test_papers_are_in_the_order_of_their_years_under_their_numbers() -> None:
    years = [int(source.by[-4:]) for source in PAPERS]
    assert years == sorted(years)
    for source, year in zip(PAPERS, years, strict=True):
        number = re.fullmatch(r"https://arxiv\.org/abs/(\d\d)\d\d\.\d{4,5}", source.url)
        assert number is not None
        assert 2000 + int(number[1]) in (year - 1, year)  # a paper may wait for its conference


def test_no_address_stands_twice() -> None:
    addresses = [source.url for source in (*PAPERS, *LESSONS)]
    assert len(set(addresses)) == len(addresses)
