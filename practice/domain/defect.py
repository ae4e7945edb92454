"""A defect, as the log tells it: where it was raised, and nothing of what it says.

Messages of exceptions like to quote what somebody typed, and so may the chain behind them.
"""

import traceback


def where_raised(fault: BaseException) -> str:
    """Return the tracebacks, the first cause first, with the exceptions' types alone."""
    chain = [fault]
    # Causes can go round in a circle.
    while (earlier := chain[-1].__cause__ or chain[-1].__context__) and earlier not in chain:
        chain.append(earlier)
    return "\n".join(
        f"Traceback (most recent call last):\n{''.join(traceback.format_tb(each.__traceback__))}"
        f"{type(each).__module__}.{type(each).__qualname__}"
        for each in reversed(chain)
    )
