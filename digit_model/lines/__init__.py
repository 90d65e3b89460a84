"""Ink or a page -> lines of digits and signs -> the most probable numbers."""
