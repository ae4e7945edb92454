"""Races and faults with real processes, on both databases.

`python -m tests.battery` runs the whole; `test_battery.py` runs the same code in its short form.
"""
