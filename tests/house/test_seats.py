"""Whoever acts at the desk, or looks, is asked for the right by the act, not the route alone."""

import ast
from functools import cache

from tests.house.reading import PRACTICE, python_files, tree_of

_FLOORS = ("practice.usecases.", "practice.queries.")

# What the desk calls for somebody who has no seat, or that tells nothing of anybody.
_WITHOUT_A_SEAT = {
    "usecases.accounts.ask_reset": "whoever forgot the password has not signed in",
    "usecases.accounts.reset_address": "as above, by the link of a letter",
    "usecases.accounts.reset_password": "as above, by the link of a letter",
    "usecases.accounts.set_up_address": "a new account is opened by the link of a letter",
    "usecases.accounts.set_password": "as above, by the link of a letter",
    "usecases.accounts.has_factor": "asked between the password and the code",
    "usecases.second_factor.check_code": "the code that ends the sign-in",
    "usecases.sessions.come_in": "notes of the own session that it was here",
    "usecases.by_hand.known_as": "reads what a form says, and no row",
    "usecases.notes.new_uid": "draws a name, and reads no row",
    "queries.account.address_of": "asked between the password and the code",
    "queries.appointment.near_times": "says times that were found already, and reads no row",
    "queries.desk_offerings.coach_choices": "says nothing to whoever is not the owner",
    "queries.export_page.readable": "words what was taken out by right, and reads no row",
    "queries.house.house": "the words of the house, which stand on every page",
}


@cache
def functions(module: str) -> dict[str, ast.FunctionDef]:
    path = PRACTICE.parent / (module.replace(".", "/") + ".py")
    if not path.exists():
        return {}
    return {node.name: node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}


@cache
def imported(module: str) -> dict[str, tuple[str, str]]:
    path = PRACTICE.parent / (module.replace(".", "/") + ".py")
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def named_in(node: ast.AST, module: str) -> set[tuple[str, str]]:
    """The functions that some code of a module names, as (module, function)."""
    known, found = imported(module), set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.add(known.get(each.id, (module, each.id)))
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            package, name = known.get(each.value.id, ("", ""))
            found.add((f"{package}.{name}", each.attr))
    return {(where, name) for where, name in found if name in functions(where)}


def called_by_the_desk() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in python_files(PRACTICE / "web" / "desk"):
        module = ".".join(path.relative_to(PRACTICE.parent).with_suffix("").parts)
        found |= named_in(tree_of(path), module)
    return {(where, name) for where, name in found if where.startswith(_FLOORS)}


def takes(function: ast.FunctionDef, kind: str) -> bool:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return any(isinstance(a.annotation, ast.Name) and a.annotation.id == kind for a in arguments)


def asks(where: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Tell whether a function takes a seat and requires a right of it, itself or by another."""
    function = functions(where)[name]
    if takes(function, "Access"):  # which only `by_coach` makes at the desk, and that asks
        return True
    if not takes(function, "Seat") or (where, name) in seen:
        return False
    if any(isinstance(n, ast.Attribute) and n.attr == "require" for n in ast.walk(function)):
        return True
    return any(
        asks(*each, seen | {(where, name)})
        for each in named_in(function, where)
        if each[0].startswith("practice.")
    )


def test_each_act_and_look_of_the_desk_asks_for_a_right_itself() -> None:
    trusting = {
        f"{where.removeprefix('practice.')}.{name}"
        for where, name in called_by_the_desk()
        if not asks(where, name)
    }

    assert sorted(trusting) == sorted(_WITHOUT_A_SEAT)


def test_the_way_of_a_coach_to_a_booking_asks_for_a_right() -> None:
    assert asks("practice.usecases.appointment", "by_coach")
    assert ("practice.usecases.cancelling", "cancel") in called_by_the_desk()
