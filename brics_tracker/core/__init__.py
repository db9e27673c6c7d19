"""The floor: what everybody stands on; knows no app above it."""
