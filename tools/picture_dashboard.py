"""Makes the README's picture of the dashboard from the demo, so that it shows what a new user really gets.

python tools/picture_dashboard.py      writes docs/dashboard.png; needs LibreOffice and poppler
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "dashboard"
PAGE, RESOLUTION = "2", 110  # the dashboard is one page, after that of the sheet Start
CROP = ("-x", "40", "-y", "40", "-W", "1210", "-H", "640")


def picture(folder: Path) -> None:
    run = [sys.executable, "-m", "xlcrm", "demo", str(folder)]
    subprocess.run(run, check=True)
    book = next(folder.glob("*.xlsm"))
    convert = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*convert, "--outdir", str(folder), str(book)], check=True, capture_output=True)
    pages = ["pdftoppm", "-f", PAGE, "-l", PAGE, "-r", str(RESOLUTION), "-singlefile", *CROP, "-png"]
    subprocess.run([*pages, str(book.with_suffix(".pdf")), str(TARGET)], check=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        picture(Path(temporary))
