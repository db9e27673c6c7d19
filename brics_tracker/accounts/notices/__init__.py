"""Notices: what people are told, why, in the application and by mail."""
