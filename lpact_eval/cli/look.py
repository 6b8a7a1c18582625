"""The command that shows what an unknown delivered file holds and proposes its definition."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, print_json, working
from lpact_eval.errors import WrongUseError
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.waves.draft import Draft
    from lpact_eval.waves.looking import LookedColumn

SCHEMA = "harmonised.toml"

Delivered = Annotated[Path, typer.Argument(metavar="FILE", help="A delivered file: .sav, .dta, .csv, .xlsx ...")]
Tool = Annotated[str, typer.Option("--preset", help="Survey tool, such as ms-forms; recognised if not given.")]
Folder = Annotated[
    Path | None,
    typer.Option("--out", metavar="FOLDER", help="Project to write surveys/NAME/ to; printed if not given."),
]


def look(file: Delivered, *, preset: Tool = "", out: Folder = None, as_json: Json = False) -> None:
    """Show labels, missing codes and counts, never answers of people; propose a wave definition to review."""
    from lpact_eval.waves.draft import draft_definition

    surveys = _surveys(out)
    own = surveys if surveys is not None and (surveys / SCHEMA).is_file() else None
    with working("Looking"):
        drafted = draft_definition(file, preset=preset or None, surveys=own, folder=surveys)
    written = _write(drafted, surveys) if surveys is not None else []
    if as_json:
        print_json(_facts(drafted) | {"written": [str(path) for path in written]})
        return
    for line in _lines(file.name, drafted):
        typer.echo(line)
    if surveys is None:
        typer.echo(
            f"\n# ---- wave.toml ----\n{drafted.wave}\n# ---- crosswalk.toml ----\n{drafted.crosswalk}", nl=False
        )
    for path in written:
        typer.echo(f"Written: {path}")
    if written:
        typer.echo("Fill in the fieldwork dates and review every line marked so.")
    if written and drafted.lookups:
        typer.echo(f"{', '.join(drafted.lookups)}: holds what people wrote; check each line and clear its mark.")


def _surveys(out: Path | None) -> Path | None:
    """Take a folder of surveys as it is; in a project it is called surveys."""
    if out is None:
        return None
    return out if (out / SCHEMA).is_file() else out / "surveys"


def _write(drafted: Draft, surveys: Path) -> list[Path]:
    """Write the definition and, where there is none, the harmonised schema; nothing is overwritten."""
    folder = surveys / drafted.name
    texts = {
        folder / "wave.toml": drafted.wave.encode(),
        folder / "crosswalk.toml": drafted.crosswalk.encode(),
        **{folder / name: content for name, content in drafted.lookups.items()},
    }
    there = [path.name for path in texts if path.exists()]
    if there:
        msg = f"{folder} already has {' and '.join(there)}, which is never overwritten; move it or rename the file."
        raise WrongUseError(msg)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("xb") as file:
                file.write(text)
        schema = surveys / SCHEMA
        if schema.exists():
            return list(texts)
        shutil.copyfile(surveys_folder() / SCHEMA, schema)
    return [*texts, schema]


def _lines(file: str, drafted: Draft) -> Iterator[str]:
    """Write what the file holds, column by column."""
    looked = drafted.looked
    yield f"{file}: {looked.rows} rows, {len(looked.columns) + len(looked.personal)} columns"
    for name in looked.personal:
        yield f"\n{name}: personal data, not read"
    for column in looked.columns:
        title = f" ({column.title})" if column.title != column.name else ""
        yield f"\n{column.name}{title}: {_described(column, drafted)}"
        if _is_closed(column, drafted):
            yield from (
                f"  {code:>6}  {label}{kind}: {rows}" if label != code else f"  {label}{kind}: {rows}"
                for code, label, kind, rows in _codes(column)
            )


def _described(column: LookedColumn, drafted: Draft) -> str:
    """Say what kind of column it is, how many answers it has, and what it was matched to."""
    from lpact_eval.waves.looking import HIDDEN, SHARED, safe_range
    from lpact_eval.waves.personal import KINDS

    what = column.type if _is_closed(column, drafted) or column.type != "coded" else "text"
    matched = [name for name, one in drafted.proposals.items() if column in one.columns]
    rows = drafted.looked.rows
    answered = column.answered()
    few = answered < SHARED or 0 < rows - answered < SHARED
    count = HIDDEN if answered < SHARED else f"about {round(answered, -1)}" if few else str(answered)
    parts = [what] if what == "coded" else [what, f"answers: {count}"]
    limits = safe_range(column) if what == "number" else None
    if limits:
        parts.append(f"mostly {limits[0]:g} to {limits[1]:g}")
    for kind, found in column.personal.items():
        parts.append(f"answers that look like {KINDS[kind][1]}: {HIDDEN if found < SHARED else found}")
    return ", ".join(parts) + "".join(f"; matched to {name}" for name in matched)


def _is_closed(column: LookedColumn, drafted: Draft) -> bool:
    """Tell whether codes may be shown: what people wrote themselves is not, unless the file labels it."""
    written = {"number", "text"}
    free = any(
        column in one.columns and drafted.kind(name) in written and not column.column.labels
        for name, one in drafted.proposals.items()
    )
    return (column.type == "coded" or (column.type == "number" and bool(column.codes))) and not free


def _codes(column: LookedColumn) -> Iterator[tuple[str, str, str, str]]:
    """List codes with label, kind of missing and count."""
    from lpact_eval.waves.looking import safe_counts
    from lpact_eval.waves.matching import missing_kind

    for code, rows in safe_counts(column).items():
        label = column.codes.get(code, f"[{code}]")
        kind = missing_kind(label) if code in column.codes else None
        declared = code in column.column.declared_missing
        marks = [text for text in (f"missing: {kind}" if kind else "", "declared missing" if declared else "") if text]
        yield (code if code in column.codes else label), label, f" [{', '.join(marks)}]" if marks else "", rows


def _facts(drafted: Draft) -> dict[str, object]:
    """Put the same into a form for scripts."""
    columns = [
        {
            "name": column.name,
            "title": column.title,
            "what": _described(column, drafted),
            "codes": [
                {"code": code, "label": label, "rows": rows}
                for code, label, _, rows in (_codes(column) if _is_closed(column, drafted) else ())
            ],
        }
        for column in drafted.looked.columns
    ]
    return {"name": drafted.name, "columns": columns, "wave": drafted.wave, "crosswalk": drafted.crosswalk}
