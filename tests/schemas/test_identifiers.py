"""Numbers by which agencies know people: what is taken, in which form it is kept, and what is refused.

PNC and CRO numbers are published test vectors of ministryofjustice/hmpps-person-record; all are invented.
"""

from pkgutil import iter_modules
from string import ascii_uppercase

import pytest
from hypothesis import given, strategies

from schemas import identifiers
from schemas.identifiers import ALL, BY_CODE
from schemas.identifiers.kind import CHECK_LETTERS, Kind, check_letter
from schemas.identifiers.nhs_number import check_digit
from schemas.rejection import Rejected

YEAR = 2026

TAKEN = [
    ("PNC", "81/34U", "1981/0000034U"),
    ("PNC", "02/73319Z", "2002/0073319Z"),
    ("PNC", "00/223R", "2000/0000223R"),
    ("PNC", "79/163001B", "1979/0163001B"),
    ("PNC", "033Y", "2003/0000003Y"),
    ("PNC", "67/9893091D", "1967/9893091D"),
    ("PNC", "20020073319Z", "2002/0073319Z"),
    ("PNC", " 02 / 73319z ", "2002/0073319Z"),
    ("CRO", "65656/91H", "065656/91H"),
    ("CRO", "065656/91H", "065656/91H"),
    ("CRO", "SF83/50058Z", "SF83/50058Z"),
    ("CRO", "sf05/482703j", "SF05/482703J"),
    ("NOMS", "A1234BC", "A1234BC"),
    ("NOMS", "a1234bc ", "A1234BC"),
    ("CRN", "X716298", "X716298"),
    ("CRN", "xy716298", "XY716298"),
    ("NATIONAL_INSURANCE_NUMBER", "AB 12 34 56 C", "AB123456C"),
    ("NHS", "943 476 5919", "9434765919"),
    ("NHS", "943-476-5919", "9434765919"),
    ("ARREST_SUMMONS_NUMBER", "0700000000000002536Y", "0700000000000002536Y"),
    ("ARREST_SUMMONS_NUMBER", "07/0000/00/00000002536y", "0700000000000002536Y"),
    ("DRIVER_LICENSE_NUMBER", "SMITH840325J912", "SMITH840325J912"),
    ("DRIVER_LICENSE_NUMBER", "FOX99 840325 J99 1A", "FOX99840325J991A"),
]

REFUSED = [
    ("PNC", "20030011985Z", "identifier-check-letter-wrong"),
    ("PNC", "20120052494O", "identifier-check-letter-wrong"),
    ("PNC", "20230583843N", "identifier-check-letter-wrong"),
    ("PNC", "2001/0171310S", "identifier-check-letter-wrong"),
    ("PNC", "TOTALLYINVALID", "identifier-malformed"),
    ("PNC", "1923[1234567A", "identifier-malformed"),
    ("PNC", "", "identifier-malformed"),
    ("PNC", "201/34U", "identifier-malformed"),
    ("PNC", "2002007331Z", "identifier-malformed"),
    ("PNC", "1899/0000034U", "identifier-malformed"),
    ("PNC", "2027/0000034U", "identifier-year-in-future"),
    ("PNC", "00/0Z", "identifier-placeholder"),
    ("CRO", "85227/65G", "identifier-check-letter-wrong"),
    ("CRO", "SF83/050058Z9", "identifier-malformed"),
    ("CRO", "6565691H", "identifier-malformed"),
    ("CRO", "000000/00Z", "identifier-placeholder"),
    ("CRO", "SF00/0Z", "identifier-placeholder"),
    ("NOMS", "A123BC", "identifier-malformed"),
    ("NOMS", "A1234BC\nX", "identifier-malformed"),
    ("CRN", "XYZ716298", "identifier-malformed"),
    ("NATIONAL_INSURANCE_NUMBER", "GB123456C", "identifier-malformed"),
    ("NATIONAL_INSURANCE_NUMBER", "QQ123456C", "identifier-malformed"),
    ("NATIONAL_INSURANCE_NUMBER", "AB123456E", "identifier-malformed"),
    ("NHS", "943 476 5918", "identifier-check-digit-wrong"),
    ("NHS", "94347659", "identifier-malformed"),
    ("NHS", "1111111111", "identifier-placeholder"),
    ("ARREST_SUMMONS_NUMBER", "0700000000000002536", "identifier-malformed"),
    ("DRIVER_LICENSE_NUMBER", "SMITH", "identifier-malformed"),
]


@pytest.mark.parametrize(("code", "text", "canonical"), TAKEN)
def test_a_number_is_kept_in_one_form(code: str, text: str, canonical: str) -> None:
    parsed = BY_CODE[code].parse(text, YEAR)

    assert canonical == parsed


@pytest.mark.parametrize(("code", "text", "refusal"), REFUSED)
def test_a_number_that_cannot_be_right_is_refused(code: str, text: str, refusal: str) -> None:
    with pytest.raises(Rejected) as refused:
        BY_CODE[code].parse(text, YEAR)

    assert refusal == refused.value.code


@pytest.mark.parametrize(("code", "text", "refusal"), [row for row in REFUSED if row[1]])
def test_no_refusal_repeats_what_was_typed(code: str, text: str, refusal: str) -> None:
    with pytest.raises(Rejected, match=refusal) as refused:
        BY_CODE[code].parse(text, YEAR)

    assert text not in repr(refused.value)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
@pytest.mark.parametrize("text", ["٩٤٣٤٧٦٥٩١٩", "Ａ１２３４ＢＣ", "ı716298", "A" * 41, " " * 41])  # noqa: RUF001 - look-alikes are the point
def test_only_plain_letters_and_digits_make_a_number(kind: Kind, text: str) -> None:
    with pytest.raises(Rejected, match=r"^identifier-malformed$"):
        kind.parse(text, YEAR)


def test_two_digits_of_a_year_mean_another_century_after_new_year() -> None:
    letter = check_letter("270000034")
    parse = BY_CODE["PNC"].parse

    assert f"1927/0000034{letter}" == parse(f"27/34{letter}", 2026)
    assert f"2027/0000034{letter}" == parse(f"27/34{letter}", 2027)


def test_the_slash_of_a_pnc_number_says_where_its_year_ends() -> None:
    parsed = BY_CODE["PNC"].parse("2012/73319B", YEAR)

    assert "2012/0073319B" == parsed


def test_the_check_letters_leave_out_what_is_misread() -> None:
    assert sorted(set(ascii_uppercase) - set("IOS")) == sorted(CHECK_LETTERS)


def test_every_kind_stands_in_its_own_file_and_in_the_list() -> None:
    kind_files = {module.name for module in iter_modules(identifiers.__path__)} - {"kind"}
    codes = [kind.code for kind in ALL]

    assert len(kind_files) == len(ALL)
    assert len(set(codes)) == len(ALL)
    assert codes == list(BY_CODE)


@given(
    year=strategies.integers(1900, YEAR), serial=strategies.integers(1, 9_999_999), now=strategies.integers(YEAR, 2090)
)
def test_a_canonical_pnc_number_parses_to_itself_for_ever(year: int, serial: int, now: int) -> None:
    digits = f"{serial:07}"
    canonical = f"{year}/{digits}{check_letter(f'{year % 100:02}{digits}')}"

    assert canonical == BY_CODE["PNC"].parse(canonical, now)


@given(year=strategies.integers(1927, YEAR), serial=strategies.integers(1, 9_999_999))
def test_every_spelling_of_a_pnc_number_gives_one_form(year: int, serial: int) -> None:
    letter = check_letter(f"{year % 100:02}{serial:07}")
    spellings = [
        f"{year}/{serial:07}{letter}",
        f"{year}/{serial}{letter}",
        f"{year}{serial:07}{letter}",
        f"{year % 100:02}/{serial}{letter}",
        f"{year % 100:02}{serial}{letter}".lower(),
    ]

    assert {f"{year}/{serial:07}{letter}"} == {BY_CODE["PNC"].parse(spelling, YEAR) for spelling in spellings}


@given(year=strategies.integers(0, 99), serial=strategies.integers(1, 999_999), is_file=strategies.booleans())
def test_a_canonical_cro_number_parses_to_itself(year: int, serial: int, is_file: bool) -> None:  # noqa: FBT001 - drawn
    canonical = (
        f"SF{year:02}/{serial}{check_letter(f'{year:02}{serial}')}"
        if is_file
        else f"{serial:06}/{year:02}{check_letter(f'{year:02}{serial:06}')}"
    )

    assert canonical == BY_CODE["CRO"].parse(canonical, YEAR)


@given(nine=strategies.from_regex("[0-9]{9}", fullmatch=True).filter(lambda nine: len(set(nine)) > 1))
def test_one_tenth_digit_at_most_makes_an_nhs_number(nine: str) -> None:
    taken = [digit for digit in range(10) if _is_taken("NHS", f"{nine}{digit}")]

    assert [digit for digit in [check_digit(nine)] if digit < 10] == taken


@given(text=strategies.text(max_size=45), code=strategies.sampled_from(sorted(BY_CODE)))
def test_whatever_is_typed_is_refused_or_kept_in_a_form_that_stands(text: str, code: str) -> None:
    parse = BY_CODE[code].parse
    if _is_taken(code, text):
        assert parse(text, YEAR) == parse(parse(text, YEAR), YEAR)


def _is_taken(code: str, text: str) -> bool:
    try:
        BY_CODE[code].parse(text, YEAR)
    except Rejected:
        return False
    return True
