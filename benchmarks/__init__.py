"""Measurements of the house beside bare Flask apps; README.md says what is measured, and how."""
