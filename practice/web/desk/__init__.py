"""The desk: pages for coaches, who are signed in."""
