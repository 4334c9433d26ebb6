"""Run as a program: an HTTP server before the emulator that asks for a bearer token, and gives tokens as Google does.

    python -m harness.servers.gs_front PORT UPSTREAM '{"key": PUBLIC-KEY-FILE, "email": ..., "life": ...}'

POST /token takes the grants of RFC 7523 (a service account's JWT, signed with RS256) and of RFC 6749 section 6 (a user's
refresh token). A token is good for `life` requests, so that a client may have to get another in the middle of its work.
"""

import itertools
import json
import pathlib
import sys
from urllib.parse import parse_qsl

import jwt

from . import front

AUDIENCE = "https://oauth2.googleapis.com/token"  # what Google's library says, whatever "token_uri" is
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def as_json(status, **fields):
    return front.Refused(status, "application/json", json.dumps(fields).encode())


class GsFront(front.Front):
    accepted = {}
    left = {}  # token: for how many requests it is still good
    numbers = itertools.count(1)

    def check(self, body):
        if self.path == "/token" and self.command == "POST":
            raise self.grant(dict(parse_qsl(body.decode())))
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or self.left.get(token, 0) < 1:
            raise as_json(401, error={"code": 401, "message": "Invalid Credentials", "errors": [
                {"message": "Invalid Credentials", "domain": "global", "reason": "authError", "location": "Authorization"}]})
        self.left[token] -= 1

    def grant(self, form):
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.accepted["refresh"]:
                return as_json(400, error="invalid_grant", error_description="Bad Request")
            return self.token()
        if form.get("grant_type") != JWT_GRANT:
            return as_json(400, error="unsupported_grant_type", error_description="Invalid grant_type")
        try:
            claims = jwt.decode(form["assertion"], self.accepted["public"], ["RS256"], issuer=self.accepted["email"],
                                audience=[AUDIENCE, f"http://{self.headers['Host']}/token"],
                                options={"require": ["exp", "iat", "aud"]})
        except jwt.InvalidTokenError as error:
            return as_json(400, error="invalid_grant", error_description=f"Invalid JWT: {error}")
        if "https://www.googleapis.com/auth/" not in claims.get("scope", ""):
            return as_json(400, error="invalid_scope", error_description="Invalid OAuth scope or ID token audience provided.")
        return self.token()

    def token(self):
        token = f"ya29.token-{next(self.numbers)}"
        self.left[token] = self.accepted["life"]
        return as_json(200, access_token=token, expires_in=3599, token_type="Bearer")


if __name__ == "__main__":
    GsFront.accepted = json.loads(sys.argv[3])
    GsFront.accepted["public"] = pathlib.Path(GsFront.accepted["key"]).read_text()
    front.serve(GsFront, sys.argv[1], sys.argv[2])
