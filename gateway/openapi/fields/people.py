"""People: signing in, members and invitations. Rule source: centers, "People"; security, "People"."""

from typing import Final

from gateway.openapi.fields.catalogue import Texts, everywhere, of, together

PEOPLE: Final[Texts] = together(
    everywhere(
        role="What the person may do in the center; a PARENT sees linked children's results alone, a CHILD its own.",
        person_id="The person, `usr_…`; null while nobody accepted the invitation.",
        activated_at="When the membership became active; null before.",
    ),
    of(
        "SignIn Switched",
        id="The id of the sign-in; it stays through refreshes and changes of the center.",
        created_at="When the person signed in.",
        person_id="The person, `usr_…`.",
        access_token="The token to send as Bearer, a JWT for one center.",
        token_type="How `access_token` is sent.",
        expires_in="Seconds until `access_token` ends.",
        center="The center that `access_token` is for.",
    ),
    of(
        "SignIn",
        refresh_token="What the next tokens are got with, good for one exchange; used twice it ends the whole sign-in.",
        refresh_expires_in="Seconds until `refresh_token` ends.",
    ),
    of("SignIn Switched Me", scopes="What the person's role allows in this center."),
    of("Refresh", refresh_token="The refresh token of the last answer; it is spent by this."),
    of("Logout", refresh_token="A refresh token of the sign-in that ends; it may be left out."),
    of(
        "Login",
        email="The address of the person's account.",
        password="The person's password.",
        center="Id or subdomain of the center to work in; null: the one that the person joined first, of those that are open.",
    ),
    of("Switch", center="Id or subdomain of the center to work in from now on."),
    of(
        "NewPasswords",
        current="The password as it is.",
        new="The password as it shall be: 12 to 128 characters, and not a common one.",
    ),
    of(
        "Me",
        id="The person's id, `usr_…`: a CHILD's `learner_ref`.",
        email="The address that the person signs in with.",
        name="What the person is called; null where it is not known.",
        center="The center of the token that was sent.",
        centers="All centers where the person is a member.",
        created_at="When the person's account was made.",
    ),
    of(
        "CenterOfMine",
        membership_id="The person's membership there, `mbr_…`.",
        membership_status="Where the membership stands; only an `active` one lets in.",
    ),
    of("Member InvitedMember NewMember", email="The address that is invited."),
    of("Member InvitedMember NewMember MemberEdit", name="What the center calls the member; null for nothing."),
    of(
        "Member InvitedMember",
        account_email="The address of whoever accepted; null while nobody did.",
        status="`invited`, `pending` until an ADMIN confirms who accepted, `active`, `suspended`, `rejected` or `ended`.",
        children="A PARENT's children: memberships whose results it may read.",
        created_by="Who invited: the id of a key or person, or `cli:` and a user; null where it is not known.",
        suspended_at="When it was suspended; null unless it is.",
        ended_at="When it was rejected or ended; null unless it was.",
    ),
    of("InvitedMember", invitation="The invitation, for you to send: the gateway sends no e-mail."),
    of(
        "MemberEdit",
        status="`suspended` from `active`; `active` from `suspended` and `pending`; `rejected` from `invited` and `pending`.",
    ),
    of("NewChild", child_id="The child's membership, `mbr_…`, of role CHILD."),
    of(
        "Invitation",
        token="What whoever is invited accepts with, good once; shown this once, null in a replay.",
        expires_at="Until when it can be accepted.",
    ),
    of(
        "Acceptance",
        token="The invitation's token.",
        password="The password of the invited address' account: set by this where it has none yet, else its own. Null: you are signed in.",
        name="What the person is called; null for nothing.",
    ),
    of(
        "Accepted",
        id="The membership's id, `mbr_…`.",
        person_id="The person who accepted, `usr_…`.",
        center_id="The center that the person is now a member of.",
        center_name="What that center is called.",
        email="The address that was invited.",
        status="`active`, or `pending` where the person is signed in under another address: then an ADMIN confirms it.",
        created_at="When the membership was made.",
    ),
)
