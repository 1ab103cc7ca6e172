"""Programs for those who work on avwalk; no part of the package."""
