"""What a person's contact or number looks like: e-mail, telephone, postcode, National Insurance, birth, IP address."""

import ipaddress
import re

_NUMBER = re.compile(r"^[+-]?\d*\.\d*$", re.ASCII)
_MAIL = re.compile(r"(?<=[\w+'-])@[\w-]{1,63}\.[a-z]{2}", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"(?<![\w.+/:-])(?!\d{1,2}[-/.]\d{1,2}[-/.]\d)(?:(?:\+|00)44[\s-]?(?:\(0\)[\s-]?)?|\(?0)(?=[1-35789])\d"
    r"(?:[\s()-]{0,2}\d){8,9}(?![\w:-]|\.\d)|^(?:44)?7\d{9}$",
    re.ASCII,
)
# Postcode areas: "W1 1AA" is one, "Q1 1AA" is none. Ordinals, as in "M1 2nd exit", are left out.
_POSTCODE = re.compile(
    r"\b(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|"
    r"L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
    r"\d[A-Z\d]?\s?\d(?!(?-i:st|nd|rd|th)\b)[ABD-HJLNP-UW-Z]{2}\b",
    re.IGNORECASE | re.ASCII,
)
_INSURANCE = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][\s-]?\d\d[\s-]?\d\d[\s-]?\d\d[\s-]?[A-D]\b",
    re.IGNORECASE | re.ASCII,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    r"(?<![\d./-])(?:(?P<iso>[12]\d{3})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?P<last>[12]\d{3}|\d\d)|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?[\s-](?:of )?{_MONTH},?[\s-](?P<word>[12]\d{{3}})|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?P<us>[12]\d{{3}}))(?![\d./-])",
    re.IGNORECASE | re.ASCII,
)
_CLOCK = re.compile(r"[T ,]{1,3}\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?[ap]m|Z)?$", re.IGNORECASE)
_BIRTH = re.compile(r"\b(birth|(?<!last )(?<!next )birthday|birthdate|dob|d\.o\.b|born)\b", re.IGNORECASE)
_INWARD = re.compile(r"\d[A-Za-z]{2}(?![A-Za-z\d])", re.ASCII)
_NO_DIGIT = re.compile(r"\D+", re.ASCII)
_INSURANCE_DIGITS, _TELEPHONE_DIGITS = 6, 10
# What any of these has; everything else, nearly every text, is passed over by one search.
_CANDIDATE = re.compile(
    r"\d(?:[^\d\x1f]{0,3}\d){5}|\d[A-Za-z]{2}(?![A-Za-z\d])|\d[-/.]\d{1,3}[-/.]\d|[A-Za-z]{3}[ ,-]{1,2}[12]\d{3}|@|::|"
    r"[\da-f]:[\da-f]",
    re.ASCII,
)
_NETWORK = re.compile(r"^[\da-f]{0,4}(?:[.:][\da-f.]{0,4}){3,7}$", re.IGNORECASE)


def looks_personal(text: str, *, birth: bool = False, latest: int | None = None) -> str:
    """Tell which kind of personal data a text seems to hold; nothing if none.

    Parameters
    ----------
    text : str
        Whitespace folded.
    birth : bool, default False
        Whether the column asks for births, so that every full date counts.
    latest : int, optional
        Last year of birth of a respondent; without it a date alone is no birthday.

    Returns
    -------
    str
        "e-mail", "telephone", "postcode", "National Insurance", "birth" or "IP"; or "".
    """
    if not may_be_personal(text) or _NUMBER.match(text):
        return ""
    digits = len(_NO_DIGIT.sub("", text))
    tests = (
        ("e-mail", "@" in text and _MAIL.search(text)),
        ("IP", _is_network_address(text)),
        ("National Insurance", digits >= _INSURANCE_DIGITS and _INSURANCE.search(text)),
        ("postcode", _INWARD.search(text) and _POSTCODE.search(text)),
        ("telephone", digits >= _TELEPHONE_DIGITS and _TELEPHONE.search(text)),
        ("birth", digits and _is_birth(text, birth=birth, latest=latest)),
    )
    return next((kind for kind, found in tests if found), "")


def asks_for_birth(header: str) -> bool:
    """Tell whether a column's name or question speaks of birth."""
    return bool(_BIRTH.search(header))


def may_be_personal(text: str) -> bool:
    """Tell quickly whether a text holds anything that a contact, a number of a person or a date is made of."""
    return bool(_CANDIDATE.search(text))


def _is_birth(text: str, *, birth: bool, latest: int | None) -> bool:
    """Tell a date of birth: any full date where births are asked for, else one long before fieldwork."""
    date = _DATE.search(text)
    if date is None:
        return False
    told = birth or bool(_BIRTH.search(text))
    whole = _CLOCK.sub("", text) == date[0]
    year = next(int(part) for part in date.group("iso", "last", "word", "us") if part)
    early = latest is not None and 1900 <= year <= latest  # noqa: PLR2004 - nobody is older
    return told or (whole and early)


def _is_network_address(text: str) -> bool:
    """Tell an IP address of four or six parts."""
    if not _NETWORK.match(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
