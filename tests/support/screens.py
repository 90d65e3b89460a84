"""Marks that open a test's page on a phone, or on both screens."""

import pytest

from scripts.visit import DESK, PHONE

on_a_phone = pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
on_both_screens = pytest.mark.parametrize(
    "visit", [DESK, PHONE], ids=["desk", "phone"], indirect=True
)
