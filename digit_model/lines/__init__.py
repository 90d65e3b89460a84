"""Ink or a page -> rows of digits and signs -> the most probable numbers."""
