"""Safe contact: how a person of an appointment wishes to be written to."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.forms.contact import ContactForm
from practice.queries.contact import contact_page
from practice.usecases.contact import set_contact
from practice.web.door import tools
from practice.web.public.blueprint import public
from practice.web.public.sitting import leave_note, note_left

Answer = Response | str | tuple[str, int]


@public.get("/a/<token>/contact")
def contact(token: str) -> Answer:
    """Show what was wished of letters, to be changed at any time."""
    page = contact_page(token, tools=tools())
    return render_template(
        "public/contact/wishes.html",
        page=page,
        form=ContactForm.showing(page.wishes),
        is_saved=bool(note_left({"contact": "yes"})),
    )


@public.post("/a/<token>/contact")
def keep_contact(token: str) -> Answer:
    """Keep the wishes for every letter from now on."""
    page = contact_page(token, tools=tools())
    form = ContactForm()
    if not form.validate():
        status = 403 if form.csrf_token.errors else 422
        return render_template("public/contact/wishes.html", page=page, form=form), status
    set_contact(token, form.to_request(), tools=tools(), tells_of_mailbox=form.tells_of_mailbox)
    leave_note("contact")
    return redirect(url_for("public.contact", token=token), 303)
