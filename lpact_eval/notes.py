"""Notes of steps, such as "Sex not used (few); Age not used (few)": one text, a part for each thing that was done."""

from __future__ import annotations


def parts_and_reason(notes: str) -> tuple[list[str], str]:
    """Take notes apart, and the reason in brackets that all of several end in out of them.

    Parameters
    ----------
    notes : str
        Parts with "; " between them.

    Returns
    -------
    list of str
        The parts; without the reason, where they share one.
    str
        The reason without its brackets; empty where there is no such.
    """
    parts = [note for note in notes.split("; ") if note]
    reasons = {note[note.rfind(" (") :] if note.endswith(")") else "" for note in parts}
    reason = reasons.pop() if len(reasons) == 1 and len(parts) > 1 else ""
    return [note.removesuffix(reason) for note in parts], reason[2:-1]
