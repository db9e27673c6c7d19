"""The second factor: an app that shows codes, passkeys, recovery codes; who needs one, and how it is asked for."""
