"""Write `models/starter/SHA256SUMS`: run `python -m models.recipes.sums` after a recipe has made a starter model."""

import hashlib
from pathlib import Path

STARTER = Path(__file__).resolve().parents[1] / "starter"


def write_sums(folder: Path = STARTER) -> None:
    """List every file of a model under `folder` (cards excepted) with its SHA-256, in sha256sum's format."""
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md" and path.name != "SHA256SUMS"
    )
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_sums()
