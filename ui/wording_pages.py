"""What the pages say."""

from enum import StrEnum
from typing import Final


class PageName(StrEnum):
    """The pages there are, in the order of the side list."""

    INTERRUPTIONS = "interruptions"
    SETTINGS = "settings"


PAGE_TITLES: Final[dict[PageName, str]] = {
    PageName.INTERRUPTIONS: "Interruptions",
    PageName.SETTINGS: "Settings",
}
PAGE_SENTENCES: Final[dict[PageName, str]] = {
    PageName.INTERRUPTIONS: "Each time you spoke over Parley, and how fast it gave way.",
    PageName.SETTINGS: "Changes apply at once.",
}
BACK: Final = "Back to the conversation"
