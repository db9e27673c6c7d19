"""Where someone is signed in: sessions kept as rows that say whose they are, listed and ended."""
