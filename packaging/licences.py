"""The terms of everything that others have written, in one text."""

HEAD = """Kith stands on the work of many people. These are the parts of this program that others have written,
and the terms under which they may be used: below the names of those who share them. Where a part offers
several, any one of them may be chosen. DuckDB's library carries parts of its own; its repository names
them, in third_party.
"""
LINE = "=" * 100


def text(parts):
    """Each text once, below all whose terms it has, however they break its lines."""
    nameless = [f"{part.name} {part.version}" for part in parts if not part.texts]
    if nameless:
        raise SystemExit(f"nothing says under which terms these may be used: {', '.join(nameless)}")
    texts, users = {}, {}
    for part in parts:
        for one in part.texts:
            words = " ".join(one.split())
            texts.setdefault(words, one)
            name = f"{part.name} {part.version} ({part.licence}), {part.authors}"
            users.setdefault(words, []).append(name)
    sections = ["\n".join([LINE, *users[words], LINE, "", one]) for words, one in texts.items()]
    return "\n\n\n".join([HEAD, *sections]) + "\n"
