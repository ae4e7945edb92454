"""The forms of inviting: the address of who is asked along, and what that person says to join."""

from flask_wtf import FlaskForm
from wtforms import StringField

from practice.forms.checks import a_name, a_zone, an_address, empty, once, tidy


class InviteForm(FlaskForm):
    """The address to which the one letter goes."""

    email = StringField(filters=[tidy], validators=[once, an_address])
    website = StringField(validators=[empty])


class JoinForm(FlaskForm):
    """Name, address and clock of somebody who would like to come."""

    name = StringField(filters=[tidy], validators=[once, a_name])
    email = StringField(filters=[tidy], validators=[once, an_address])
    zone = StringField(validators=[once, a_zone])
    website = StringField(validators=[empty])
