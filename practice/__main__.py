"""`python -m practice` is the console script."""

from practice.main import main

main()
