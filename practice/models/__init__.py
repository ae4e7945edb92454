"""Floor 2, what is remembered: mapped classes, the statements that fetch them, the one commit."""
