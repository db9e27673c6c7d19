"""Signing in through an institution: OpenID Connect, authorisation code with PKCE, for people who are known here."""
