"""The desk: pages for coaches, who are signed in."""

from practice.web.desk import set_up, week
from practice.web.desk.blueprint import desk

__all__ = ["desk", "set_up", "week"]
