"""Floor 5, who asks: commands typed in a terminal."""

from practice.cli.database import migrate
from practice.cli.demo import demo
from practice.cli.doctor import doctor
from practice.cli.feeds import feeds
from practice.cli.founding import init, remove_factor, set_up_link
from practice.cli.serve import run, web
from practice.cli.worker import worker

COMMANDS = (init, demo, run, web, worker, migrate, doctor, set_up_link, remove_factor, feeds)
